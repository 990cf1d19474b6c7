//! `countersign verify`: a file, a verdict, and an exit code that a script can go by.

mod harness;

use harness::{countersign, temp_dir};
use std::{fmt::Write as _, path::PathBuf, process::Output};

const KEY: &str = "dd203ff59ec071b64691e9804c7307e1a6ab55a66bc2e634e88a6fffbc89001b";

fn vector(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates/receipt/tests/vectors").join(name)
}

/// What it says of these receipts, with these options.
fn verify(receipts: &[&str], options: &[&str]) -> Output {
    countersign().arg("verify").args(options).args(receipts.iter().map(|name| vector(name))).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_good_receipt_is_told_in_sentences() {
    let output = verify(&["brief-es256.json"], &[]);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    for part in [
        "brief-es256.json: Countersigned on https://console.example.com. Nothing of it was changed since.",
        &format!("The key is {KEY}. Whose key that is, you must know from elsewhere."),
        "Question   Do we pay for a second content delivery network from January?",
        "Decision   option “second”: Pay for a second one",
        "Because    Acme’s contract asks for 99.9 % 🚀",
        "At         2026-11-22T23:29:53Z",
        "SHA-256    f057212a80ec4ddcb3b3c7ed5456e7261a60c31a53e84501ba8d1b4d7a5e9065",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}

#[test]
fn it_ends_with_0_for_what_is_countersigned_alone() {
    let index = std::fs::read_to_string(vector("index.json")).unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&index).unwrap();
    let mut wrong = String::new();
    for case in &cases {
        let texts = |field: &str| case[field].as_array().unwrap().iter().map(|text| text.as_str().unwrap());
        let options: Vec<&str> = texts("keys")
            .flat_map(|key| ["--key", key])
            .chain(texts("origins").flat_map(|origin| ["--origin", origin]))
            .collect();
        let output = verify(&texts("receipts").collect::<Vec<_>>(), &options);
        if output.status.code() != Some(i32::from(case["verdict"] != "countersigned")) {
            write!(wrong, "{case}: {}", said(&output)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn keys_are_named_by_fingerprint_or_in_a_file() {
    let temp = temp_dir();
    let file = temp.path().join("keys");
    let named = file.to_str().unwrap();
    std::fs::write(&file, format!("# Acme\n{KEY}  Ada's phone\n")).unwrap();
    for key in [KEY, named] {
        let output = verify(&["brief-es256.json"], &["--key", key]);
        assert!(output.status.success() && said(&output).contains("one of those that you named"), "{}", said(&output));
    }
    let output = verify(&["brief-eddsa.json"], &["--key", named]);
    assert!(!output.status.success() && said(&output).contains("none of those that you named"), "{}", said(&output));
    for (content, complaint) in [("", "names no key"), ("Ada's phone\n", "Line 1 does not begin with a fingerprint")] {
        std::fs::write(&file, content).unwrap();
        let output = verify(&["brief-es256.json"], &["--key", named]);
        assert!(!output.status.success() && said(&output).contains(complaint), "{}", said(&output));
    }
    let output = verify(&["brief-es256.json"], &["--key", "Ada"]);
    assert!(!output.status.success() && said(&output).contains("neither a fingerprint"), "{}", said(&output));
}

#[test]
fn of_a_chain_all_that_is_well_is_said_up_to_the_first_that_is_not() {
    let output = verify(&["brief-es256.json", "own-answer.json", "text-edited.json", "rejected.json"], &[]);
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("own-answer.json: Countersigned"), "{said}");
    assert!(said.contains("text-edited.json: NOT valid. The decision contradicts itself"), "{said}");
    assert!(said.contains("rejected.json: not looked at."), "{said}");
    // What would move or turn the text of a terminal is shown by its number.
    assert!(said.contains("U+202E") && !said.contains('\u{202e}') && !said.contains('\u{1}'), "{said}");
}

#[test]
fn it_needs_neither_a_configuration_nor_a_file_that_ends() {
    let run = |receipt: &str| countersign().args(["verify", "--secret-key", "nonsense", receipt]).output().unwrap();
    let output = run(vector("brief-es256.json").to_str().unwrap());
    assert!(output.status.success(), "{}", said(&output));
    for (path, complaint) in [("/dev/zero", "longer than"), ("/nowhere", "cannot be opened")] {
        let output = run(path);
        assert!(!output.status.success() && said(&output).contains(complaint), "{}", said(&output));
    }
}
