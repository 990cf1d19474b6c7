//! The receipts in `tests/vectors`, which other verifiers can be tried on. `index.json` says what each comes to.
//!
//! After a change: `cargo test -p countersign-receipt -- --ignored write_the_vectors`.

use crate::{
    device::Device,
    maker::{GOOD, Touch, brief, canonical, following, hash_of, review, sha256, unsigned, with, without},
};
use countersign_domain::merkle::Batch;
use countersign_receipt::Receipt;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::PathBuf};

/// Receipts by their names, and what is to come of them.
#[derive(Default)]
pub struct Vectors {
    pub receipts: BTreeMap<String, Vec<u8>>,
    pub cases: Vec<Case>,
}

pub struct Case {
    pub receipts: Vec<String>,
    pub keys: Vec<String>,
    pub origins: Vec<String>,
    /// `countersigned`, `unsigned`, or why it is refused.
    pub verdict: &'static str,
}

impl Vectors {
    fn bytes(&mut self, name: &str, verdict: &'static str, bytes: Vec<u8>) {
        self.receipts.insert(name.to_owned(), bytes);
        self.case(&[name], verdict);
    }

    fn add(&mut self, name: &str, verdict: &'static str, receipt: &Value) {
        self.bytes(name, verdict, canonical(receipt));
    }

    fn case(&mut self, names: &[&str], verdict: &'static str) {
        let receipts = names.iter().map(|&name| name.to_owned()).collect();
        self.cases.push(Case { receipts, keys: vec![], origins: vec![], verdict });
    }

    fn named(&mut self, name: &str, keys: &[String], origins: &[&str], verdict: &'static str) {
        self.case(&[name], verdict);
        let case = self.cases.last_mut().unwrap();
        case.keys = keys.to_vec();
        case.origins = origins.iter().map(|&origin| origin.to_owned()).collect();
    }
}

pub fn all() -> Vectors {
    let mut all = Vectors::default();
    good(&mut all);
    others_words(&mut all);
    touches(&mut all);
    contradictions(&mut all);
    spellings(&mut all);
    all
}

/// What must be taken.
fn good(all: &mut Vectors) {
    all.add("brief-es256", "countersigned", &GOOD.receipt(&brief()));
    all.add("brief-es256-high", "countersigned", &Touch { device: Device::Es256High, ..GOOD }.receipt(&brief()));
    all.add("brief-eddsa", "countersigned", &Touch { device: Device::EdDsa, ..GOOD }.receipt(&brief()));
    all.add("brief-rs256", "countersigned", &Touch { device: Device::Rs256, ..GOOD }.receipt(&brief()));
    let own = following(&brief(), &json!({"kind": "own", "value": "Ask Acme\tfirst:\n\u{1}\u{7f}\u{202e}\\ \"99.9\""}));
    all.add("own-answer", "countersigned", &GOOD.receipt(&own));
    all.add("rejected", "countersigned", &GOOD.receipt(&following(&own, &json!({"kind": "rejected", "value": null}))));
    all.case(&["brief-es256", "own-answer", "rejected"], "countersigned");
    all.case(&["brief-es256", "rejected"], "chain");
    all.case(&["own-answer", "brief-es256"], "chain");
    let elsewhere = with(own, "/tenant", "018f3c2a-7b1e-7c3d-9a4b-000000000000".into());
    all.add("other-tenant", "countersigned", &GOOD.receipt(&elsewhere));
    all.case(&["brief-es256", "other-tenant"], "chain");
    all.add("review-approved", "countersigned", &GOOD.receipt(&review()));
    all.add("unsigned", "unsigned", &unsigned(&with(brief(), "/signed", false.into())));
    let extensions = b"\xa1\x63uvm\x81\x83\x02\x04\x02";
    all.add("extensions", "countersigned", &Touch { flags: 0x85, extensions, ..GOOD }.receipt(&brief()));
    all.add("old-browser", "countersigned", &Touch { more: "", ..GOOD }.receipt(&brief()));
    let more = r#" , "crossOrigin" : false , "other": {"type":"x","n":[7,"\u00e9"]}"#;
    all.add("new-browser", "countersigned", &Touch { more, ..GOOD }.receipt(&brief()));
    let above = Touch { rp_id: "example.com", origin: "https://console.example.com:8443", ..GOOD };
    all.add("name-above", "countersigned", &above.receipt(&brief()));
    let local = Touch { rp_id: "localhost", origin: "http://localhost:8080", ..GOOD };
    all.add("localhost", "countersigned", &local.receipt(&brief()));
    let blanks = [b"\n \t".to_vec(), canonical(&GOOD.receipt(&brief())), b"\r\n".to_vec()].concat();
    all.bytes("blanks-around", "countersigned", blanks);
    batch(all);
}

fn batch(all: &mut Vectors) {
    let second = following(&brief(), &json!({"kind": "option", "value": "wait"}));
    let third = following(&second, &json!({"kind": "rejected", "value": null}));
    let three = [brief(), second, third];
    let batch = Batch::of(&three.each_ref().map(hash_of)).unwrap();
    let names = ["batch-1-of-3", "batch-2-of-3", "batch-3-of-3"];
    let receipts = [0, 1, 2].map(|at| Touch { place: batch.place(at), ..GOOD }.receipt(&three[at]));
    for (name, receipt) in names.iter().zip(&receipts) {
        all.add(name, "countersigned", receipt);
    }
    all.case(&names, "countersigned");
    let [_, second, third] = receipts;
    all.add("batch-other-index", "challenge", &with(second.clone(), "/seal/batch/index", 0.into()));
    all.add("batch-other-size", "challenge", &with(second.clone(), "/seal/batch/size", 4.into()));
    all.add("batch-outside", "place", &with(second.clone(), "/seal/batch/index", 3.into()));
    all.add("batch-of-one", "place", &with(second.clone(), "/seal/batch", json!({"index": 0, "size": 1, "path": []})));
    all.add("batch-too-large", "place", &with(second.clone(), "/seal/batch/size", 1001.into()));
    all.add("batch-short-path", "place", &with(second.clone(), "/seal/batch/path", json!([])));
    all.add("batch-other-path", "challenge", &with(third, "/seal/batch/path/0", "00".repeat(32).into()));
    all.add("batch-left-out", "challenge", &with(second, "/seal/batch", Value::Null));
}

/// What the verifier was told to expect.
fn others_words(all: &mut Vectors) {
    let own = Device::Es256.public_key().fingerprint().to_string();
    let other = Device::EdDsa.public_key().fingerprint().to_string();
    all.named("brief-es256", &[other.clone(), own], &[], "countersigned");
    all.named("brief-es256", &[other], &[], "other_key");
    all.named("brief-es256", &[], &["https://example.com", GOOD.origin], "countersigned");
    all.named("brief-es256", &[], &["https://console.example.org"], "other_origin");
}

/// What the authenticator or the browser must not say.
fn touches(all: &mut Vectors) {
    let mut touch = |name: &str, verdict, touch: Touch| all.add(name, verdict, &touch.receipt(&brief()));
    touch("new-passkey", "type", Touch { what: "webauthn.create", ..GOOD });
    touch("other-challenge", "challenge", Touch { challenge: Some([3; 32]), ..GOOD });
    touch("framed", "cross_origin", Touch { more: r#","crossOrigin":true"#, ..GOOD });
    let more = r#","crossOrigin":false,"topOrigin":"https://evil.example""#;
    touch("framed-by", "cross_origin", Touch { more, ..GOOD });
    touch("type-twice", "client_data", Touch { more: r#","type":"webauthn.get""#, ..GOOD });
    touch("fraction", "client_data", Touch { more: r#","n":1.5"#, ..GOOD });
    touch("no-json", "client_data", Touch { more: ",", ..GOOD });
    touch("other-domain", "domain", Touch { origin: "https://console.example.org", ..GOOD });
    touch("domain-below", "domain", Touch { origin: "https://example.com", ..GOOD });
    touch("domain-ending", "domain", Touch { rp_id: "sole.example.com", ..GOOD });
    touch("no-tls", "domain", Touch { origin: "http://console.example.com", ..GOOD });
    touch("an-app", "domain", Touch { origin: "android:apk-key-hash:abc", ..GOOD });
    touch("nobody-present", "nobody_present", Touch { flags: 0x1c, ..GOOD });
    touch("nobody-verified", "nobody_verified", Touch { flags: 0x19, ..GOOD });
    touch("backup-of-no-backup", "backup", Touch { flags: 0x15, ..GOOD });
    touch("flags-without-extensions", "authenticator_data", Touch { flags: 0x9d, ..GOOD });
    touch("extensions-without-flags", "authenticator_data", Touch { extensions: &[0xa0], ..GOOD });
    let good = GOOD.receipt(&brief());
    let bytes = |bytes: &[u8]| Value::from(BASE64URL_NOPAD.encode(bytes));
    let mut edit =
        |name: &str, verdict, place: &str, new: Value| all.add(name, verdict, &with(good.clone(), place, new));
    edit("origin-edited", "origin", "/seal/origin", "https://example.com".into());
    edit("name-edited", "relying_party", "/seal/rp_id", "example.com".into());
    edit("authenticator-short", "authenticator_data", "/seal/authenticator_data", bytes(&[1; 36]));
    edit("client-data-list", "client_data", "/seal/client_data_json", bytes(b"[]"));
    edit("signature-empty", "signature", "/seal/signature", "".into());
    let signature = BASE64URL_NOPAD.decode(good["seal"]["signature"].as_str().unwrap().as_bytes()).unwrap();
    edit("signature-longer", "signature", "/seal/signature", bytes(&[&signature[..], &[0]].concat()));
    // ASN.1 with a length in two bytes, where one does: BER, and not DER.
    let length = u8::try_from(signature.len() - 2).unwrap();
    edit("signature-ber", "signature", "/seal/signature", bytes(&[&[0x30, 0x81, length], &signature[2..]].concat()));
    edit("other-key", "signature", "/seal/public_key", bytes(&[&good_key()[..45], &other_y()].concat()));
    edit("no-point", "key", "/seal/public_key", bytes(&[&good_key()[..45], &[1; 32]].concat()));
    edit("key-longer", "key", "/seal/public_key", bytes(&[&good_key()[..], &[0]].concat()));
    edit("other-algorithm", "key", "/seal/algorithm", json!(-8));
    edit("unknown-algorithm", "key", "/seal/algorithm", json!(-35));
    let eddsa = Touch { device: Device::EdDsa, ..GOOD }.receipt(&brief());
    let weak = HEXLOWER.decode(b"a4010103272006215820c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa");
    all.add("weak-key", "key", &with(eddsa, "/seal/public_key", bytes(&weak.unwrap())));
    let rs256 = Touch { device: Device::Rs256, ..GOOD }.receipt(&brief());
    let mut even = BASE64URL_NOPAD.decode(rs256["seal"]["public_key"].as_str().unwrap().as_bytes()).unwrap();
    let last = even.len() - 6;
    even[last] ^= 1;
    all.add("even-modulus", "key", &with(rs256, "/seal/public_key", bytes(&even)));
}

fn good_key() -> Vec<u8> {
    Device::Es256.public_key().cose().to_vec()
}

/// The other point with the same x.
fn other_y() -> Vec<u8> {
    let prime = HEXLOWER.decode(b"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff").unwrap();
    let minus = rsa::BigUint::from_bytes_be(&prime) - rsa::BigUint::from_bytes_be(&good_key()[45..]);
    minus.to_bytes_be()
}

/// Decisions that contradict themselves, though they are well signed.
fn contradictions(all: &mut Vectors) {
    let mut signed = |name: &str, verdict, place: &str, new: Value| {
        all.add(name, verdict, &GOOD.receipt(&with(brief(), place, new)));
    };
    signed("text-hash", "decision", "/subject/sha256", "00".repeat(32).into());
    signed("text-edited", "decision", "/subject/text/question", "Do we pay for two?".into());
    signed("no-such-option", "decision", "/choice/value", "third".into());
    signed("approved-brief", "decision", "/choice", json!({"kind": "approved", "value": null}));
    signed("evidence-less", "decision", "/evidence", json!([]));
    signed("text-is-a-list", "form", "/subject/text", json!([]));
    signed("version-2", "form", "/v", 2.into());
    signed("field-more", "form", "/note", "x".into());
    signed("choice-without-word", "form", "/choice", json!({"kind": "option", "value": null}));
    signed("uuid-in-capitals", "form", "/tenant", "018F3C2A-7B1E-7C3D-9A4B-5E6F70819203".into());
    signed("negative-number", "form", "/journal/number", json!(-1));
    let mut text = brief()["subject"]["text"].clone();
    text["options"][0] = json!({"key": 7});
    let lacking = with(brief(), "/subject/sha256", HEXLOWER.encode(&sha256(&canonical(&text))).into());
    all.add("option-without-key", "decision", &GOOD.receipt(&with(lacking, "/subject/text", text)));
    all.add("field-less", "form", &GOOD.receipt(&without(brief(), "/check_at_ms")));
    let option = json!({"kind": "option", "value": "second"});
    all.add("review-option", "decision", &GOOD.receipt(&with(review(), "/choice", option)));
    all.add("signature-missing", "signature_missing", &unsigned(&brief()));
    let uncalled = GOOD.receipt(&with(brief(), "/signed", false.into()));
    all.add("signature-uncalled-for", "signature_uncalled_for", &uncalled);
}

/// Files that are no receipts, or not as they were written.
fn spellings(all: &mut Vectors) {
    let good = GOOD.receipt(&brief());
    let text = String::from_utf8(canonical(&good)).unwrap();
    let mut spelled = |name: &str, verdict, text: String| all.bytes(name, verdict, text.into_bytes());
    spelled("key-twice", "json", text.replace(r#""signed":true"#, r#""signed":true,"signed":true"#));
    spelled("in-other-order", "json", text.replace(r#","v":1}"#, "}").replacen('{', r#"{"v":1,"#, 1));
    spelled("over-lines", "json", serde_json::to_string_pretty(&good).unwrap());
    spelled("escaped", "json", text.replace("console", "c\\u006fnsole"));
    spelled("surrogate-alone", "json", text.replace("Acme’s", "\\ud83d"));
    spelled("number-with-fraction", "json", text.replace(r#""number":24512"#, r#""number":24512.0"#));
    spelled("number-too-large", "json", text.replace(r#""number":24512"#, r#""number":9007199254740993"#));
    spelled("infinite", "json", text.replace(r#""number":24512"#, r#""number":Infinity"#));
    spelled("half", "json", text[..text.len() / 2].to_owned());
    spelled("nothing", "json", String::new());
    spelled("mark-before", "json", format!("\u{feff}{text}"));
    spelled("too-deep", "json", "[".repeat(33) + &"]".repeat(33));
    spelled("very-deep", "json", "[".repeat(100_000));
    spelled("a-number", "form", "7".to_owned());
    spelled("too-long", "size", " ".repeat(1024 * 1024 + 1));
    all.bytes("not-utf-8", "json", [b"\"\xff\"".to_vec()].concat());
    let padded =
        with(good.clone(), "/seal/public_key", format!("{}==", good["seal"]["public_key"].as_str().unwrap()).into());
    all.add("padding", "form", &padded);
    let mut key = good["seal"]["public_key"].as_str().unwrap().to_owned();
    let bits = key.pop().unwrap();
    // 77 bytes leave two bits over in the last letter: another letter would decode to the same bytes.
    key.push(char::from(u8::try_from(bits).unwrap() + 1));
    all.add("bits-left-over", "form", &with(good.clone(), "/seal/public_key", key.into()));
    all.add("seal-field-more", "form", &with(good.clone(), "/seal/note", "Approved by the board.".into()));
    all.add("field-beside", "form", &with(good.clone(), "/note", "x".into()));
    all.add("batch-missing", "form", &without(good.clone(), "/seal/batch"));
    all.add("receipt-version-2", "form", &with(good.clone(), "/v", 2.into()));
    all.add("other-seal", "form", &with(good, "/seal/kind", "stamp".into()));
}

fn place(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)
}

/// By file name. What is nothing but long stays out of the repository.
fn files(vectors: &Vectors) -> BTreeMap<String, Vec<u8>> {
    let kept = vectors.receipts.iter().filter(|(_, bytes)| bytes.len() < 20_000);
    let mut files: BTreeMap<String, Vec<u8>> =
        kept.map(|(name, bytes)| (format!("{name}.json"), bytes.clone())).collect();
    let lines = vectors.cases.iter().filter_map(|Case { receipts, keys, origins, verdict }| {
        let names: Vec<String> = receipts.iter().map(|name| format!("{name}.json")).collect();
        let known = names.iter().all(|name| files.contains_key(name));
        known.then(|| json!({"receipts": names, "keys": keys, "origins": origins, "verdict": verdict}).to_string())
    });
    let index = format!("[\n{}\n]\n", lines.collect::<Vec<_>>().join(",\n"));
    files.insert("index.json".to_owned(), index.into_bytes());
    files
}

#[test]
fn the_vectors_are_those_of_this_code() {
    let files = files(&all());
    for (name, bytes) in &files {
        let kept = std::fs::read(place(name)).unwrap_or_default();
        assert!(kept == *bytes, "{name} is stale: see the head of this file");
    }
    let there = std::fs::read_dir(place("")).unwrap().count();
    assert_eq!(there, files.len(), "a file that no case names");
}

#[test]
#[ignore = "writes tests/vectors"]
fn write_the_vectors() {
    std::fs::remove_dir_all(place("")).unwrap();
    std::fs::create_dir(place("")).unwrap();
    for (name, bytes) in files(&all()) {
        std::fs::write(place(&name), bytes).unwrap();
    }
}

#[test]
fn what_is_read_is_written_again_byte_by_byte() {
    let all = all();
    for case in all.cases.iter().filter(|case| case.verdict == "countersigned") {
        let bytes = all.receipts[&case.receipts[0]].trim_ascii();
        assert_eq!(Receipt::read(bytes).unwrap().to_bytes().unwrap(), bytes, "{}", case.receipts[0]);
    }
}
