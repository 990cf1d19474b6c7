//! Whatever is changed in a signed receipt, no verifier takes it any more.

use crate::{
    agreement::verdict,
    maker::canonical,
    others::{Other, Question},
    vectors::all,
};
use serde_json::{Value, json};

const SIGNED: [&str; 6] =
    ["brief-es256", "brief-eddsa", "brief-rs256", "own-answer", "review-approved", "batch-2-of-3"];

/// That each verifier refuses each of these, and that all of them say the same word for it.
fn all_refuse(changed: &[Vec<u8>], what: &str) {
    let questions: Vec<Question<'_>> = changed.iter().map(|one| (vec![one.as_slice()], &[][..], &[][..])).collect();
    let ours: Vec<&str> = changed.iter().map(|one| verdict(&[one], &[], &[])).collect();
    let taken: Vec<usize> = (0..ours.len()).filter(|&at| matches!(ours[at], "countersigned" | "unsigned")).collect();
    assert_eq!(taken, Vec::<usize>::new(), "{what} changed, and taken");
    for other in Other::BOTH {
        for (at, (ours, theirs)) in ours.iter().zip(other.verdicts(&questions)).enumerate() {
            // Some find out that a key of EdDSA is no point only when they check a signature with it.
            let same = *ours == theirs || (*ours == "key" && theirs == "signature");
            assert!(same, "{other:?}: {theirs}, and not {ours}: {what}, {}", String::from_utf8_lossy(&changed[at]));
        }
    }
}

/// One for each byte of it: that byte is another one.
fn flipped(good: &[u8], bits: u8) -> Vec<Vec<u8>> {
    let flip = |at: usize| {
        let mut changed = good.to_vec();
        changed[at] ^= bits;
        changed
    };
    (0..good.len()).map(flip).collect()
}

#[test]
fn every_byte_counts() {
    let all = all();
    for name in SIGNED {
        all_refuse(&flipped(&all.receipts[name], 0x01), name);
    }
    // Small letters become capitals.
    all_refuse(&flipped(&all.receipts["brief-es256"], 0x20), "brief-es256");
}

#[test]
fn what_nobody_signed_is_never_taken_for_signed() {
    let changed = flipped(&all().receipts["unsigned"], 0x01);
    let questions: Vec<Question<'_>> = changed.iter().map(|one| (vec![one.as_slice()], &[][..], &[][..])).collect();
    assert!(changed.iter().all(|one| verdict(&[one], &[], &[]) != "countersigned"));
    for other in Other::BOTH {
        assert!(other.verdicts(&questions).iter().all(|verdict| verdict != "countersigned"), "{other:?}");
    }
}

#[test]
fn every_field_counts_though_the_file_is_well_formed() {
    let all = all();
    for name in SIGNED {
        let good: Value = serde_json::from_slice(&all.receipts[name]).unwrap();
        let mut changed = Vec::new();
        for place in places(&good, String::new()) {
            for new in others_than(good.pointer(&place).unwrap()) {
                let mut bad = good.clone();
                *bad.pointer_mut(&place).unwrap() = new;
                changed.push(canonical(&bad));
            }
        }
        all_refuse(&changed, name);
    }
}

/// The JSON pointers (RFC 6901) of everything inside.
fn places(value: &Value, place: String) -> Vec<String> {
    let inside: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (format!("{place}/{key}"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (format!("{place}/{at}"), value)).collect(),
        _ => vec![],
    };
    inside.into_iter().flat_map(|(inner, value)| [vec![inner.clone()], places(value, inner)].concat()).collect()
}

/// Other values of the same kind, and of another one.
fn others_than(value: &Value) -> Vec<Value> {
    let mut others = match value {
        Value::Null => vec![json!(0), json!("")],
        Value::Bool(value) => vec![json!(!value), Value::Null],
        Value::Number(number) => vec![json!(number.as_i64().unwrap() + 1), json!(number.to_string()), Value::Null],
        Value::String(text) => {
            let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
            // In hexadecimal digits and base64 that is another one.
            let swapped = if first == "0" { "1" } else { "0" };
            vec![json!(format!("{swapped}{rest}")), json!(format!("{text}0")), json!(rest), Value::Null]
        }
        Value::Array(items) => {
            let fewer = items.iter().skip(1).cloned().collect::<Vec<_>>();
            let more = [items.clone(), vec![items.first().cloned().unwrap_or_default()]].concat();
            vec![json!(fewer), json!(more), json!({})]
        }
        Value::Object(fields) => {
            let mut more = fields.clone();
            more.insert("zz".to_owned(), Value::Null);
            let fewer: serde_json::Map<_, _> = fields.iter().skip(1).map(|(k, v)| (k.clone(), v.clone())).collect();
            vec![Value::Object(more), Value::Object(fewer), json!([])]
        }
    };
    others.retain(|other| other != value);
    others
}
