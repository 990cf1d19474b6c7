//! One brief has one hash, and every change another one.

use crate::sample::{brief, payload, with};
use countersign_brief::{Frozen, freeze::NotFrozen};
use countersign_domain::ArtifactHash;
use proptest::prelude::*;
use serde_json::{Value, json};

fn frozen(payload: &Value) -> Frozen {
    brief(payload).freeze().unwrap()
}

fn frozen_text(text: &str) -> Frozen {
    crate::sample::judged_bytes(text.as_bytes()).outcome.unwrap().freeze().unwrap()
}

#[test]
fn a_frozen_brief_is_one_text_that_other_languages_can_make_too() {
    let text = String::from_utf8(frozen(&payload()).bytes().to_vec()).unwrap();
    let begin = r#"{"at_deadline":"B","author":"ceo","category":"deploy","context_md":"The error rate is **0.3 %**.\n\n- `Vec<T>`"#;
    assert!(text.starts_with(begin), "{text}");
    for part in [
        r#""cost_micro_usd":-200000000,"effort":"3 agent-days","key":"C","reversible":false,"risk":"high""#,
        r#""deadline":1795798800000"#,
        r#""recommendation":{"confidence_micro":820000,"key":"B""#,
        r#""v":1}"#,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn the_hash_of_the_form_stays_what_it_is() {
    // As Python has it: json.dumps(brief, sort_keys=True, separators=(",", ":"), ensure_ascii=False).
    let hash = frozen(&payload()).sha256().to_string();
    assert_eq!(
        hash, "64c7b6d4b7913422145fe92d089354c1e25f150fc4493744fd51720b2ecc9f50",
        "a decision of old would name another brief"
    );
}

#[test]
fn the_same_brief_in_another_spelling_has_the_same_hash() {
    let known = frozen(&payload());
    let respelled = payload()
        .to_string()
        .replace("\"cost_usd\":40", "\"cost_usd\" : 4.0e1")
        .replace("0.82", "0.820")
        .replace("2026-11-27T17:00:00Z", "2026-11-27T18:00:00.000+01:00")
        .replace("Friday's", "Frid\\u0061y's");
    assert_eq!(frozen_text(&respelled), known);
    assert_eq!(frozen(&with("/v", json!(1))), known);
}

#[test]
fn another_author_asks_another_brief() {
    let mut other = brief(&payload());
    other.author = "cto".parse().unwrap();
    assert_ne!(other.freeze().unwrap().sha256(), frozen(&payload()).sha256());
}

#[test]
fn a_frozen_brief_thaws_to_what_it_was_and_nothing_else_does() {
    let known = frozen(&payload());
    let read = Frozen::read(known.bytes()).unwrap();
    assert_eq!((read.thaw().unwrap(), read.sha256()), (brief(&payload()), known.sha256()));
    let text = String::from_utf8(known.bytes().to_vec()).unwrap();
    for other in [
        text.replace("\"v\":1", "\"v\":2"),
        text.replace("\"v\":1}", "\"v\":1,\"w\":0}"),
        text.replace("\"title\"", "\"titel\""),
    ] {
        assert!(
            matches!(Frozen::read(other.as_bytes()), Err(NotFrozen::Fields(_) | NotFrozen::Spelling(_))),
            "{other}"
        );
    }
    assert!(matches!(Frozen::read(format!("{text} ").as_bytes()), Err(NotFrozen::Spelling(_))));
}

#[test]
fn every_field_counts() {
    let known = frozen(&payload()).sha256();
    let sha = "0".repeat(64);
    for (pointer, value) in [
        ("/brief", json!("deploy-2026-12")),
        ("/title", json!("Another title")),
        ("/question", json!("Do we?")),
        ("/category", json!("release")),
        ("/context_md", json!("The error rate is **0.3 %**.")),
        ("/options/0/key", json!("a")),
        ("/options/0/title", json!("Roll out")),
        ("/options/0/consequence", json!("Customers get the fix.")),
        ("/options/0/cost_usd", json!(40.01)),
        ("/options/0/effort", Value::Null),
        ("/options/0/reversible", json!(false)),
        ("/options/0/risk", json!("low")),
        ("/recommendation/key", json!("A")),
        ("/recommendation/why", json!("Because.")),
        ("/recommendation/confidence", json!(0.820_001)),
        ("/evidence/0/sha256", json!(sha)),
        ("/evidence/0/title", json!("Error rates")),
        ("/deadline", json!("2026-11-27T17:00:00.001Z")),
        ("/at_deadline", json!("none")),
        ("/input_needed", json!("A date")),
        ("/correlation_id", Value::Null),
    ] {
        assert_ne!(frozen(&with(pointer, value)).sha256(), known, "{pointer}");
    }
    for list in ["options", "evidence"] {
        let mut turned = payload();
        turned[list].as_array_mut().unwrap().swap(0, 1);
        assert_ne!(frozen(&turned).sha256(), known, "the order of the {list}");
    }
}

/// The object with its fields in another order, at every depth.
fn shuffled(value: &Value, seed: usize) -> String {
    match value {
        Value::Object(fields) => {
            let mut list: Vec<String> =
                fields.iter().map(|(name, value)| format!("{}:{}", json!(name), shuffled(value, seed))).collect();
            let by = seed % list.len().max(1);
            list.rotate_left(by);
            if seed % 2 == 1 {
                list.reverse();
            }
            format!("{{{}}}", list.join(" ,\n"))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| shuffled(item, seed)).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn the_order_of_fields_does_not_count(seed in 0_usize..1_000) {
        prop_assert_eq!(frozen_text(&shuffled(&payload(), seed)), frozen(&payload()));
    }

    #[test]
    fn one_character_more_or_another_one_gives_another_hash(text in "[a-zA-Zé語 .,]{0,40}", more in "[a-zé語]") {
        let hash = |text: String| -> ArtifactHash { frozen(&with("/context_md", json!(text))).sha256() };
        prop_assert_ne!(hash(format!("{text}{more}")), hash(text.clone()));
        prop_assert_ne!(hash(format!("{text}{more}")), hash(format!("{more}.{text}")));
    }

    #[test]
    fn every_cost_counts_to_the_millionth(cost in -1_000_000_000_i64..1_000_000_000) {
        let hash = |micro: i64| {
            let mut brief = brief(&payload());
            brief.options[0].cost_micro_usd = micro;
            brief.freeze().unwrap().sha256()
        };
        prop_assert_ne!(hash(cost), hash(cost + 1));
    }
}
