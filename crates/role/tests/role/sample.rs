//! Role files for the tests: the golden ones, and small changes of a good one.

use countersign_role::{Fault, FaultKind, RoleFile, limit};
use std::{collections::BTreeMap, sync::LazyLock};

/// Names of the golden roles: `tests/golden/<name>.yaml`.
pub const GOLDEN: [&str; 5] = ["backend", "cso", "ceo", "minimal", "overbroad"];

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

pub fn golden_text(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{name}.yaml"))).unwrap()
}

/// Read once a process: property tests ask often.
pub fn golden(name: &str) -> RoleFile {
    static READ: LazyLock<BTreeMap<&str, RoleFile>> =
        LazyLock::new(|| GOLDEN.into_iter().map(|name| (name, good(&golden_text(name)))).collect());
    READ[name].clone()
}

/// Compares with the committed file; with `BLESS=1` in the environment writes it instead.
pub fn compare(file: &str, fresh: &str) {
    let path = folder().join(file);
    #[expect(clippy::disallowed_methods, reason = "a switch of the test, not of the product")]
    let bless = std::env::var_os("BLESS").is_some();
    if bless {
        std::fs::write(&path, fresh).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, fresh, "{file} is stale: look at what changed, then run again with BLESS=1");
}

/// A small good role; tests replace parts of it.
pub const PLAIN: &str = "\
apiVersion: countersign/v1
kind: AgentRole
metadata: { name: backend }
spec:
  mission: Build and run the API.
  forbidden_actions:
    - { action: approve_security_review }
    - { action: decide_brief }
    - { action: read_volume, scope: other_agents }
    - { action: read_secrets, scope: other_namespaces }
";

/// [`PLAIN`] with one line more under `spec`.
pub fn with(line: &str) -> String {
    PLAIN.replacen("spec:\n", &format!("spec:\n  {line}\n"), 1)
}

pub fn good(text: &str) -> RoleFile {
    countersign_role::read(text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

pub fn faults(text: &str) -> Vec<Fault> {
    match countersign_role::read(text.as_bytes()) {
        Ok(_) => panic!("this should have been refused:\n{text}"),
        Err(faults) => faults.list,
    }
}

/// Files with exactly one fault each, its kind and its path.
pub fn refused() -> Vec<(String, FaultKind, &'static str)> {
    use FaultKind::{Conflict, Duplicate, Form, Missing, Range, TooLarge, Type, Unknown};
    let long = "x".repeat(limit::MISSION_CHARS + 1);
    let many = format!("delegates_to: [{}]", (0..65).map(|n| format!("a{n}")).collect::<Vec<_>>().join(", "));
    vec![
        (PLAIN.replace("countersign/v1", "countersign/v2"), Form, "apiVersion"),
        (PLAIN.replace("kind: AgentRole\n", ""), Missing, "kind"),
        (PLAIN.replace("{ name: backend }", "{ name: founder }"), Form, "metadata.name"),
        (PLAIN.replace("{ name: backend }", "{ name: Backend }"), Form, "metadata.name"),
        (PLAIN.replace("{ name: backend }", "{ title: x }"), Missing, "metadata.name"),
        (PLAIN.replace("{ name: backend }", "{ name: backend, label: x }"), Unknown, "metadata.label"),
        (PLAIN.replace("Build and run the API.", &long), TooLarge, "spec.mission"),
        (PLAIN.replace("Build and run the API.", "5"), Type, "spec.mission"),
        (PLAIN.replace("Build and run the API.", ""), Type, "spec.mission"),
        (with("mission: twice"), Duplicate, "spec.mission"),
        (with("<<: {}"), Unknown, "spec.<<"),
        (with("secrets: [all]"), Unknown, "spec.secrets"),
        (with("consumes: { kinds: [Fix] }"), Form, "spec.consumes.kinds[0]"),
        (with("consumes: { kinds: [fix, fix] }"), Duplicate, "spec.consumes.kinds[1]"),
        (with("consumes: { ack_wait: 9s }"), Range, "spec.consumes.ack_wait"),
        (with("consumes: { ack_wait: 2h }"), Range, "spec.consumes.ack_wait"),
        (with("consumes: { ack_wait: 120 }"), Type, "spec.consumes.ack_wait"),
        (with("consumes: { ack_wait: soon }"), Form, "spec.consumes.ack_wait"),
        (with("consumes: { max_deliver: 0 }"), Range, "spec.consumes.max_deliver"),
        (with("consumes: { max_deliver: 21 }"), Range, "spec.consumes.max_deliver"),
        (with("consumes: { max_deliver: 0x5 }"), Form, "spec.consumes.max_deliver"),
        (with("consumes: { max_ack_pending: 101 }"), Range, "spec.consumes.max_ack_pending"),
        (with("consumes: { max_ack_pending: -1 }"), Form, "spec.consumes.max_ack_pending"),
        (with("consumes: { max_ack_pending: \"3\" }"), Type, "spec.consumes.max_ack_pending"),
        (with("delegates_to: [backend]"), Conflict, "spec.delegates_to[0]"),
        (with("delegates_to: [cso, cso]"), Duplicate, "spec.delegates_to[1]"),
        (with("delegates_to: [countersign]"), Form, "spec.delegates_to[0]"),
        (with("delegates_to: cso"), Type, "spec.delegates_to"),
        (with(&many), TooLarge, "spec.delegates_to"),
        (with("broadcasts: [a..b]"), Form, "spec.broadcasts[0]"),
        (with("reads: [../secrets]"), Form, "spec.reads[0]"),
        (with("reads: [metrics, metrics]"), Duplicate, "spec.reads[1]"),
        (with("volume: { size: 1Ti }"), Range, "spec.volume.size"),
        (with("volume: { size: 5G }"), Form, "spec.volume.size"),
        (with("volume: { size: 5Gi, shared: true }"), Unknown, "spec.volume.shared"),
        (with("volume: {}"), Missing, "spec.volume.size"),
        (with("runtime: { launcher: docker }"), Form, "spec.runtime.launcher"),
        (with("runtime: { launcher: process }"), Missing, "spec.runtime.command"),
        (with("runtime: { launcher: process, command: [] }"), Missing, "spec.runtime.command"),
        (with("runtime: { launcher: process, command: [a], cpu: 1 }"), Conflict, "spec.runtime.cpu"),
        (with("runtime: { launcher: external, command: [a] }"), Conflict, "spec.runtime.command"),
        (with("runtime: { launcher: kubernetes }"), Missing, "spec.runtime.image"),
        (with("runtime: { launcher: kubernetes, image: A B }"), Form, "spec.runtime.image"),
        (with("runtime: { launcher: kubernetes, image: a, cpu: 17 }"), Range, "spec.runtime.cpu"),
        (with("runtime: { launcher: kubernetes, image: a, memory: 1Mi }"), Range, "spec.runtime.memory"),
        (with("runtime: { launcher: kubernetes, image: a, privileged: true }"), Unknown, "spec.runtime.privileged"),
        (with("runtime: { launcher: kubernetes, image: a, hostPath: / }"), Unknown, "spec.runtime.hostPath"),
        (
            with("runtime: { launcher: kubernetes, image: a }").replace("name: backend", "name: a_"),
            Conflict,
            "metadata.name",
        ),
        (with("budget: { on_exceed: pause }"), Missing, "spec.budget.usd_per_day"),
        (with("budget: { usd_per_day: 0 }"), Range, "spec.budget.usd_per_day"),
        (with("budget: { usd_per_day: 10000.01 }"), Range, "spec.budget.usd_per_day"),
        (with("budget: { usd_per_day: -5 }"), Form, "spec.budget.usd_per_day"),
        (with("budget: { usd_per_day: 1e3 }"), Form, "spec.budget.usd_per_day"),
        (with("budget: { usd_per_day: 5.1234567 }"), Form, "spec.budget.usd_per_day"),
        (with("budget: { usd_per_day: \"5\" }"), Type, "spec.budget.usd_per_day"),
        (with("budget: { usd_per_day: 5, on_exceed: ignore }"), Form, "spec.budget.on_exceed"),
        (with("network: {}"), Missing, "spec.network.hosts"),
        (with("network: { hosts: [169.254.169.254] }"), Form, "spec.network.hosts[0]"),
        (with("network: { hosts: [localhost] }"), Form, "spec.network.hosts[0]"),
        (with("network: { hosts: [a.example, \"a.example:443\"] }"), Duplicate, "spec.network.hosts[1]"),
        (
            PLAIN.replace("- { action: decide_brief }", "- { action: decide_brief }\n    - { scope: x }"),
            Missing,
            "spec.forbidden_actions[2].action",
        ),
        (
            PLAIN.replace("- { action: decide_brief }", "- { action: decide_brief }\n    - { action: decide_brief }"),
            Duplicate,
            "spec.forbidden_actions[2]",
        ),
        (
            PLAIN.replace(
                "- { action: decide_brief }",
                "- { action: decide_brief }\n    - { action: x, unless: asked }",
            ),
            Form,
            "spec.forbidden_actions[2].unless",
        ),
        (
            PLAIN.replace(
                "- { action: decide_brief }",
                "- { action: decide_brief }\n    - { action: delegate_task, scope: dlq }",
            ),
            Form,
            "spec.forbidden_actions[2]",
        ),
    ]
}
