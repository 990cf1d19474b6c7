//! Three verifiers, one verdict.

use crate::{
    others::{Other, Question},
    vectors::{Case, Vectors, all},
};
use countersign_receipt::{Trusted, Verdict, verify_chain};

/// This crate's verdict, in the word that the others say.
pub fn verdict(receipts: &[&[u8]], keys: &[String], origins: &[String]) -> &'static str {
    let keys = keys.iter().map(|key| key.parse().unwrap()).collect();
    match verify_chain(receipts, &Trusted { keys, origins: origins.to_vec() }) {
        Err((_, refusal)) => refusal.code(),
        Ok(verdicts) if verdicts.iter().all(|one| matches!(one, Verdict::Countersigned(_))) => "countersigned",
        Ok(_) => "unsigned",
    }
}

fn questions(all: &Vectors) -> Vec<Question<'_>> {
    let receipts = |case: &Case| case.receipts.iter().map(|name| all.receipts[name].as_slice()).collect();
    all.cases.iter().map(|case| (receipts(case), case.keys.as_slice(), case.origins.as_slice())).collect()
}

#[test]
fn this_crate_says_what_is_expected() {
    let all = all();
    let wrong: Vec<String> = questions(&all)
        .iter()
        .zip(&all.cases)
        .map(|((receipts, keys, origins), case)| (verdict(receipts, keys, origins), case))
        .filter(|(said, case)| *said != case.verdict)
        .map(|(said, case)| format!("{:?}: {said}, and not {}", case.receipts, case.verdict))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn python_and_node_say_the_same() {
    let all = all();
    for other in Other::BOTH {
        let said = other.verdicts(&questions(&all));
        let wrong: Vec<String> = said
            .iter()
            .zip(&all.cases)
            .filter(|(said, case)| *said != case.verdict)
            .map(|(said, case)| format!("{:?}: {said}, and not {}", case.receipts, case.verdict))
            .collect();
        assert!(wrong.is_empty(), "{other:?}: {wrong:#?}");
    }
}
