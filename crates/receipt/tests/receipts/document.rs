//! docs/receipts.md says what the code does.

use crate::vectors::all;
use countersign_receipt::{MOST_BYTES, Receipt, Seal};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/receipts.md")).unwrap()
}

#[test]
fn every_word_of_refusal_has_a_row_and_every_row_a_receipt() {
    let steps = page().split_once("## The steps").unwrap().1.to_owned();
    let words: Vec<String> = steps
        .lines()
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_prefix("| `")?.split_once(" | ").map(|(words, _)| words.to_owned()))
        .flat_map(|words| words.split(", ").map(|word| word.trim_matches('`').to_owned()).collect::<Vec<_>>())
        .collect();
    let code = include_str!("../../src/refusal.rs");
    let known: Vec<&str> =
        code.lines().filter_map(|line| line.trim().split_once("=> \"")?.1.strip_suffix("\",")).collect();
    assert_eq!(words.len(), known.len(), "{words:?}");
    assert!(known.iter().all(|word| words.iter().any(|row| row == word)), "{words:?} and {known:?}");
    let all = all();
    let without: Vec<&&str> =
        known.iter().filter(|word| !all.cases.iter().any(|case| case.verdict == **word)).collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn the_example_is_the_committed_receipt() {
    let page = page();
    let receipt = Receipt::read(include_bytes!("../vectors/brief-es256.json")).unwrap();
    let Seal::Passkey(assertion, None) = &receipt.seal else { panic!("it is signed alone") };
    let hash = receipt.decision.sha256();
    for shown in [
        HEXLOWER.encode(&hash),
        BASE64URL_NOPAD.encode(&hash),
        String::from_utf8(assertion.client_data_json.clone()).unwrap(),
        HEXLOWER.encode(&assertion.authenticator_data),
        assertion.key.fingerprint().to_string(),
        format!("{},{:03} bytes", receipt.decision.canonical().len() / 1000, receipt.decision.canonical().len() % 1000),
        format!("{} MiB", MOST_BYTES / 1024 / 1024),
    ] {
        assert!(page.contains(&shown), "{shown} is not on the page");
    }
    let third = Receipt::read(include_bytes!("../vectors/batch-3-of-3.json")).unwrap();
    let Seal::Passkey(_, Some(place)) = &third.seal else { panic!("it is signed in a batch") };
    assert!(page.contains(&BASE64URL_NOPAD.encode(&place.challenge(&third.decision.sha256()).unwrap())));
    assert_eq!(place.path.len(), 1);
    assert!(page.contains(&HEXLOWER.encode(&place.path[0])));
}

#[test]
fn the_page_in_the_browser_has_a_sentence_for_every_word() {
    let script = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../app/src/door/verify_page.js"));
    let script = script.unwrap();
    for case in all().cases {
        let needs = !matches!(case.verdict, "countersigned" | "unsigned" | "chain");
        assert!(!needs || script.contains(&format!("  {}: \"", case.verdict)), "{} has no sentence", case.verdict);
    }
}
