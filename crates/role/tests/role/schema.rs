//! The JSON Schema of role files: current, and of one mind with the reader.

use crate::sample::{GOLDEN, PLAIN, golden_text, refused, with};
use countersign_role::{FaultKind, schema};
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value;
use std::{path::Path, sync::LazyLock};

/// Without remote references: the schema has none, and tests reach no network.
static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(&schema::text()).unwrap();
    jsonschema::draft202012::meta::validate(&schema).expect("a schema of 2020-12");
    jsonschema::draft202012::new(&schema).unwrap()
});

/// What the schema says of a file. What is no YAML without doubled fields never comes before a schema.
fn allowed(text: &str) -> Option<bool> {
    let value: Value = serde_saphyr::from_str(text).ok()?;
    Some(VALIDATOR.is_valid(&value))
}

fn is_good(text: &str) -> bool {
    countersign_role::read(text.as_bytes()).is_ok()
}

/// Lines under `spec` that are good each by itself.
const GOOD: [&str; 27] = [
    "consumes: {}",
    "consumes: { kinds: [] }",
    "consumes: { kinds: [a, b-2_c], ack_wait: 10s, max_deliver: 1, max_ack_pending: 100 }",
    "consumes: { ack_wait: 1h, max_deliver: 20, max_ack_pending: 1 }",
    "delegates_to: []",
    "delegates_to: [cso, ceo]",
    "broadcasts: []",
    "broadcasts: [\">\", \"*\", a.*.b, \"a.>\", A-b_c.1]",
    "reads: []",
    "reads: [metrics, \"**\", \"*\", docs/*/x, \"docs/**\", a.b/..c/.d]",
    "volume: { size: 16Mi }",
    "volume: { size: 512000Mi }",
    "runtime: { launcher: external }",
    "runtime: { launcher: process, command: [a, \"\", \"b c\"] }",
    "runtime: { launcher: kubernetes, image: a }",
    "runtime: { launcher: kubernetes, image: \"r.example:5000/a/b-c:1.0_x\", cpu: 10m, memory: 32Mi }",
    "runtime: { launcher: kubernetes, image: a, command: [b], cpu: 16, memory: 64Gi }",
    "runtime: { launcher: kubernetes, image: a, cpu: 0.5 }",
    "runtime: { launcher: kubernetes, image: a, cpu: \"1.25\" }",
    "budget: { usd_per_day: 0.01 }",
    "budget: { usd_per_day: 10000, on_exceed: alert }",
    "budget: { usd_per_day: 5.123456, on_exceed: pause }",
    "network: { hosts: [] }",
    "network: { hosts: [a.example, \"*.b.example:8443\", 203.0.113.7, x-1.y2.example:1] }",
    "# a comment",
    "consumes: { kinds: [countersign] }",
    "network: { hosts: [10.0.0.1:65535] }",
];

#[test]
fn the_committed_schema_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/role.schema.json");
    #[expect(clippy::disallowed_methods, reason = "a switch of the test, not of the product")]
    let bless = std::env::var_os("BLESS").is_some();
    if bless {
        std::fs::write(&path, schema::text()).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, schema::text(), "docs/role.schema.json is stale: run this test with BLESS=1");
}

#[test]
fn everything_in_the_schema_is_described() {
    fn walk(value: &Value, path: &str) {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                let path = format!("{path}.{name}");
                // A constant of a choice is described with the choice, and what `contains` demands by its list.
                let plain = property.get("const").is_some() || path.contains("contains");
                assert!(plain || property["description"].as_str().is_some_and(|text| text.ends_with('.')), "{path}");
                walk(property, &path);
            }
        }
        for name in ["items", "contains"] {
            if let Some(inner) = value.get(name) {
                walk(inner, &format!("{path}.{name}"));
            }
        }
        for inner in value.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
            walk(inner, path);
        }
    }
    walk(&serde_json::from_str(&schema::text()).unwrap(), "");
}

#[test]
fn good_files_are_good_for_the_reader_and_for_the_schema() {
    let golden = GOLDEN.map(golden_text);
    let lines = GOOD.map(with);
    for text in golden.iter().chain(&lines).chain([&PLAIN.to_owned()]) {
        assert!(is_good(text), "the reader:\n{text}");
        assert_eq!(allowed(text), Some(true), "the schema:\n{text}");
    }
}

#[test]
fn what_the_schema_lets_pass_and_the_reader_refuses_is_what_the_documents_say() {
    let passed: Vec<(FaultKind, &str)> = refused()
        .into_iter()
        .filter(|(text, ..)| allowed(text) == Some(true))
        .map(|(_, kind, path)| (kind, path))
        .collect();
    use FaultKind::{Conflict, Duplicate, Form, Range, Unknown};
    assert_eq!(
        passed,
        [
            // The library that turns YAML into JSON for the schema follows merge keys.
            (Unknown, "spec.<<"),
            (Range, "spec.consumes.ack_wait"),
            (Range, "spec.consumes.ack_wait"),
            (Form, "spec.consumes.max_deliver"),
            (Conflict, "spec.delegates_to[0]"),
            (Range, "spec.volume.size"),
            (Range, "spec.runtime.cpu"),
            (Range, "spec.runtime.memory"),
            (Conflict, "metadata.name"),
            (Form, "spec.budget.usd_per_day"),
            (Form, "spec.budget.usd_per_day"),
            (Form, "spec.network.hosts[0]"),
            (Duplicate, "spec.network.hosts[1]"),
            (Form, "spec.forbidden_actions[2]"),
        ]
    );
}

#[test]
fn a_role_without_its_mandatory_bans_fails_the_schema_too() {
    for line in [
        "    - { action: approve_security_review }\n",
        "    - { action: decide_brief }\n",
        "    - { action: read_volume, scope: other_agents }\n",
        "    - { action: read_secrets, scope: other_namespaces }\n",
    ] {
        assert_eq!(allowed(&PLAIN.replace(line, "")), Some(false), "{line}");
        let conditional = line.replace(" }", ", unless: brief_decided }");
        assert_eq!(allowed(&PLAIN.replace(line, &conditional)), Some(false), "{conditional}");
        let narrow = line.split(" }").next().unwrap().split(", scope").next().unwrap().to_owned() + ", scope: x }\n";
        assert_eq!(allowed(&PLAIN.replace(line, &narrow)), Some(false), "{narrow}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_the_reader_takes_the_schema_takes(
        name in prop::sample::select(GOLDEN.to_vec()),
        (from, to) in (
            prop::sample::select(vec!["5", "backend", "cso", "deploy", "4", "true", "alert", "docs", "1", "api", "kinds", ": "]),
            prop::sample::select(vec!["0", "7", "x", "x_y", "[]", "{}", "null", "\"7\"", "1.5", "dlq", "*", "a b", "", "é", ".."]),
        ),
    ) {
        let text = golden_text(name).replacen(from, to, 1);
        if is_good(&text) {
            prop_assert_eq!(allowed(&text), Some(true), "{}", text);
        }
    }
}
