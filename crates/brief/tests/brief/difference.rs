//! What a newer version changed.

use crate::sample::{OTHER_SHA, brief, payload, with};
use countersign_brief::difference;
use serde_json::{Value, json};

fn changes(after: &Value) -> Vec<(String, Option<String>, Option<String>)> {
    let changes = difference(&brief(&payload()), &brief(after));
    changes.into_iter().map(|change| (change.what, change.before, change.after)).collect()
}

fn change(what: &str, before: Option<&str>, after: Option<&str>) -> (String, Option<String>, Option<String>) {
    (what.to_owned(), before.map(str::to_owned), after.map(str::to_owned))
}

#[test]
fn the_same_brief_has_no_difference() {
    assert_eq!(changes(&payload()), []);
}

#[test]
fn changed_fields_say_what_they_were() {
    let mut after = with("/deadline", json!("2026-11-28T17:00:00Z"));
    after["options"][0]["cost_usd"] = json!(80);
    after["options"][0]["reversible"] = json!(false);
    after["recommendation"]["confidence"] = json!(0.5);
    assert_eq!(
        changes(&after),
        [
            change("option A: cost", Some("$40.00"), Some("$80.00")),
            change("option A: reversibility", Some("can be undone"), Some("cannot be undone")),
            change("recommendation: confidence", Some("0.82"), Some("0.5")),
            change("deadline", Some("2026-11-27T17:00:00Z"), Some("2026-11-28T17:00:00Z")),
        ]
    );
}

#[test]
fn options_and_evidence_that_came_or_went_are_named() {
    let mut after = payload();
    after["options"][2]["key"] = json!("D");
    after["options"][2]["title"] = json!("Ask the customers");
    after["evidence"].as_array_mut().unwrap().pop();
    assert_eq!(
        changes(&after),
        [
            change("option C", Some("Drop the old API"), None),
            change("option D", None, Some("Ask the customers")),
            change(&format!("evidence {OTHER_SHA}"), Some("Test report"), None),
        ]
    );
}

#[test]
fn another_order_is_a_difference() {
    let mut after = payload();
    after["options"].as_array_mut().unwrap().swap(0, 1);
    assert_eq!(changes(&after), [change("order of the options", Some("A, B, C"), Some("B, A, C"))]);
}

#[test]
fn whatever_gives_another_hash_is_told() {
    for (pointer, value) in [
        ("/title", json!("Another")),
        ("/question", json!("Do we?")),
        ("/category", json!("release")),
        ("/context_md", json!("Other.")),
        ("/options/1/title", json!("Wait")),
        ("/options/1/consequence", json!("Two customers wait.")),
        ("/options/1/effort", Value::Null),
        ("/options/1/risk", json!("high")),
        ("/recommendation/key", json!("A")),
        ("/recommendation/why", json!("Because.")),
        ("/evidence/0/title", json!("Rates")),
        ("/at_deadline", json!("none")),
        ("/input_needed", json!("A date")),
        ("/correlation_id", Value::Null),
    ] {
        assert_eq!(changes(&with(pointer, value)).len(), 1, "{pointer}");
    }
}
