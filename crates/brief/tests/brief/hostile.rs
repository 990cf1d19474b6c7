//! Text and payloads that want to mislead, to exhaust or to break something.

use crate::sample::{broken, faults, judged, judged_bytes, payload, with};
use countersign_brief::{Rule, fault::MOST_FAULTS};
use proptest::prelude::*;
use serde_json::{Value, json};

const TEXTS: [&str; 9] = [
    "/title",
    "/question",
    "/context_md",
    "/options/0/title",
    "/options/0/consequence",
    "/options/0/effort",
    "/recommendation/why",
    "/evidence/0/title",
    "/input_needed",
];

#[test]
fn no_text_hides_anything_from_its_reader() {
    for c in [
        '\u{202e}',
        '\u{2066}',
        '\u{200b}',
        '\u{200d}',
        '\u{feff}',
        '\u{ad}',
        '\u{0}',
        '\u{7}',
        '\u{1b}',
        '\u{85}',
        '\r',
        '\u{2028}',
        '\u{e0041}',
        '\u{fe0f}',
        '\u{3164}',
        '\u{180e}',
    ] {
        for pointer in TEXTS {
            let found = broken(&with(pointer, json!(format!("Pay{c}lave?"))));
            assert_eq!(found, [(Rule::Hidden, pointer.to_owned())], "{pointer} U+{:04X}", u32::from(c));
        }
    }
}

#[test]
fn no_text_is_more_than_text() {
    for text in [
        "<script>alert(1)</script>?",
        "<img src=x onerror=alert(1)>?",
        "a</textarea><svg onload=alert(1)>?",
        "<!--?",
        "<https://evil.example/?q=?",
    ] {
        for pointer in TEXTS {
            assert_eq!(broken(&with(pointer, json!(text))), [(Rule::Html, pointer.to_owned())], "{pointer} {text}");
        }
    }
    let beacon = with("/context_md", json!("![seen](https://evil.example/beacon.gif)"));
    assert_eq!(broken(&beacon), [(Rule::Picture, "/context_md".into())]);
}

#[test]
fn what_a_fault_quotes_is_short_and_hides_nothing() {
    let name = format!("ur\u{202e}gent/{}", "x".repeat(5_000));
    let mut bad = with("/category", json!("\u{200b}".repeat(5_000)));
    bad[name] = json!(1);
    for fault in faults(judged(&bad)) {
        assert!(fault.to_string().chars().count() < 700, "{fault}");
        assert!(fault.to_string().chars().all(|c| !countersign_domain::hidden::is_hidden(c)), "{fault}");
    }
}

#[test]
fn a_megabyte_is_refused_before_it_is_read() {
    let huge = with("/context_md", json!("x".repeat(1_000_000)));
    assert_eq!(broken(&huge), [(Rule::TooLarge, String::new())]);
    let long = with("/context_md", json!("x".repeat(12_001)));
    assert_eq!(broken(&long), [(Rule::TooLarge, "/context_md".into())]);
    let script = with("/context_md", json!("語".repeat(12_000)));
    assert_eq!(broken(&script), [], "the longest context fits in every script");
}

#[test]
fn nesting_and_numbers_without_end_break_nothing() {
    let deep = format!("{}{}", r#"{"a":["#.repeat(20_000), "]}".repeat(20_000));
    let rules = |bytes: &[u8]| faults(judged_bytes(bytes)).into_iter().map(|fault| fault.rule).collect::<Vec<_>>();
    assert_eq!(rules(&deep.as_bytes()[..90_000]), [Rule::Nesting]);
    let text = payload().to_string();
    for number in ["1e999999999", "-1e-999999999", &"9".repeat(50_000), &format!("0.{}", "3".repeat(50_000))] {
        let text = text.replace("\"cost_usd\":40", &format!("\"cost_usd\":{number}"));
        assert_eq!(rules(text.as_bytes()), [Rule::Form], "{}", &number[..12]);
    }
    assert_eq!(rules(text.replace("\"cost_usd\":40", "\"cost_usd\":NaN").as_bytes()), [Rule::NotJson]);
}

#[test]
fn thousands_of_faults_are_counted_and_not_all_kept() {
    let fields: Vec<String> = (0..900).map(|n| format!("\"f{n}\":0")).collect();
    let lint = judged_bytes(format!("{{{}}}", fields.join(",")).as_bytes());
    let faults = lint.outcome.unwrap_err();
    assert_eq!((faults.list.len(), faults.count(), lint.score), (MOST_FAULTS, 911, 0));
    let many: Vec<Value> = (0..2_000).map(|_| json!({})).collect();
    assert_eq!(broken(&json!({"options": many})), [(Rule::TooLarge, String::new())]);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..4).prop_map(|list| list.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(judged_bytes(&bytes).outcome.is_err());
    }

    #[test]
    fn a_good_brief_with_anything_in_any_place_is_a_brief_or_says_why(
        at in prop::sample::select(&[
            "/brief", "/title", "/question", "/category", "/context_md", "/options", "/options/0", "/options/0/cost_usd",
            "/recommendation", "/recommendation/confidence", "/evidence", "/evidence/0", "/deadline", "/at_deadline", "/x",
        ][..]),
        value in any_json(),
    ) {
        let lint = judged(&with(at, value));
        if let Err(faults) = lint.outcome {
            prop_assert!(faults.list.iter().all(|fault| !fault.why.is_empty() && !fault.fix.is_empty()));
            prop_assert!(lint.score <= 80);
        }
    }
}
