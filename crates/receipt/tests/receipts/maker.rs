//! Makes receipts from JSON, so that also those can be made that the crate would not make.

use crate::device::Device;
use countersign_domain::{canonical_json::CanonicalJson, journal::Hash, merkle::Place};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What happens when the key is touched. The default is what a good browser and a good key do.
pub struct Touch {
    pub device: Device,
    pub what: &'static str,
    /// Another challenge than the decision's own.
    pub challenge: Option<Hash>,
    pub origin: &'static str,
    pub rp_id: &'static str,
    pub flags: u8,
    /// After the counter, in the authenticator data.
    pub extensions: &'static [u8],
    /// After the origin, in the client data.
    pub more: &'static str,
    pub place: Option<Place>,
}

pub const GOOD: Touch = Touch {
    device: Device::Es256,
    what: "webauthn.get",
    challenge: None,
    origin: "https://console.example.com",
    rp_id: "console.example.com",
    // Present, verified, and a key that is backed up.
    flags: 0x1d,
    extensions: &[],
    more: r#","crossOrigin":false"#,
    place: None,
};

pub fn canonical(value: &Value) -> Vec<u8> {
    CanonicalJson::of(value).unwrap().to_bytes().unwrap()
}

pub fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

pub fn hash_of(decision: &Value) -> Hash {
    sha256(&canonical(decision))
}

impl Touch {
    /// The receipt of a decision that is signed with this touch.
    pub fn receipt(&self, decision: &Value) -> Value {
        let own = hash_of(decision);
        let asked = self.place.as_ref().map_or(own, |place| place.challenge(&own).unwrap());
        let challenge = BASE64URL_NOPAD.encode(&self.challenge.unwrap_or(asked));
        let Self { what, origin, more, .. } = self;
        let client = format!(r#"{{"type":"{what}","challenge":"{challenge}","origin":"{origin}"{more}}}"#);
        let name = sha256(self.rp_id.as_bytes());
        let authenticator = [&name[..], &[self.flags], &9_u32.to_be_bytes(), self.extensions].concat();
        let signature = self.device.sign(&[&authenticator[..], &sha256(client.as_bytes())].concat());
        let key = self.device.public_key();
        let batch = self.place.as_ref().map(|Place { index, size, path }| {
            json!({"index": index, "size": size, "path": path.iter().map(|step| HEXLOWER.encode(step)).collect::<Vec<_>>()})
        });
        json!({
            "v": 1,
            "decision": decision,
            "seal": {
                "kind": "passkey",
                "algorithm": key.algorithm().number(),
                "public_key": BASE64URL_NOPAD.encode(key.cose()),
                "rp_id": self.rp_id,
                "origin": self.origin,
                "authenticator_data": BASE64URL_NOPAD.encode(&authenticator),
                "client_data_json": BASE64URL_NOPAD.encode(client.as_bytes()),
                "signature": BASE64URL_NOPAD.encode(&signature),
                "batch": batch,
            },
        })
    }
}

/// The receipt of a decision that nobody signs.
pub fn unsigned(decision: &Value) -> Value {
    let reason = "Ada Example has no passkey: they were signed in by password and code.";
    json!({"v": 1, "decision": decision, "seal": {"kind": "unsigned", "reason": reason}})
}

/// `value` with what lies at the JSON pointer `place` (RFC 6901) put in, or changed.
pub fn with(mut value: Value, place: &str, new: Value) -> Value {
    let (parent, key) = place.rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = new,
        Value::Object(fields) => drop(fields.insert(key.to_owned(), new)),
        _ => panic!("nothing lies at {place}"),
    }
    value
}

pub fn without(mut value: Value, place: &str) -> Value {
    let (parent, key) = place.rsplit_once('/').unwrap();
    value.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
    value
}

/// A decision on a brief, as the console makes one.
pub fn brief() -> Value {
    let report = HEXLOWER.encode(&sha256(b"What the CDN costs"));
    let text = json!({
        "v": 1, "author": "ceo", "name": "cdn-2026", "title": "Second content delivery network",
        "question": "Do we pay for a second content delivery network from January?",
        "category": "budget", "context_md": "Three outages in November: \"edge\" errors, 41 min in all.\n\nSee the report – and § 2.",
        "options": [
            {"key": "second", "title": "Pay for a second one", "consequence": "Outages of one provider are not seen.",
             "cost_micro_usd": 212_000_000, "effort": "two days", "reversible": true, "risk": "low"},
            {"key": "wait", "title": "Wait until spring", "consequence": "The next outage costs about $900.",
             "cost_micro_usd": 0, "effort": null, "reversible": true, "risk": "medium"},
        ],
        "recommendation": {"key": "second", "why": "Each outage costs more than a month of it.", "confidence_micro": 820_000},
        "evidence": [{"sha256": report, "title": "Outages in November"}],
        "deadline": 1_795_600_000_000_i64, "at_deadline": null,
        "input_needed": "Whether the contract with Acme asks for it.", "correlation_id": "cdn-2026",
    });
    json!({
        "v": 1,
        "tenant": "018f3c2a-7b1e-7c3d-9a4b-5e6f70819203",
        "decider": "018f3c2a-7b1e-7c3d-9a4b-5e6f708192aa",
        "at_ms": 1_795_390_193_999_i64,
        "subject": {
            "kind": "brief", "id": "018f3c2a-7b1e-7c3d-9a4b-5e6f70819bbb", "version": 2,
            "sha256": HEXLOWER.encode(&hash_of(&text)), "text": text,
        },
        "choice": {"kind": "option", "value": "second"},
        "rationale": "Acme’s contract asks for 99.9 % 🚀",
        "prediction": "No outage that customers see until March.",
        "check_at_ms": 1_803_166_193_999_i64,
        "evidence": [report],
        "policy": "founder-decides/1",
        "previous": null,
        "journal": {"number": 24_512, "sha256": HEXLOWER.encode(&sha256(b"the journal's head"))},
        "signed": true,
        "nonce": "000102030405060708090a0b0c0d0e0f",
    })
}

/// A decision after `before`.
pub fn following(before: &Value, choice: &Value) -> Value {
    let next = with(brief(), "/previous", HEXLOWER.encode(&hash_of(before)).into());
    with(with(next, "/choice", choice.clone()), "/nonce", "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff".into())
}

/// The approval of a role file.
pub fn review() -> Value {
    let role = HEXLOWER.encode(&sha256(b"role: backend"));
    let subject = json!({
        "kind": "review", "id": "018f3c2a-7b1e-7c3d-9a4b-5e6f70819ccc", "version": 3, "sha256": role,
        "text": {"agent": "backend", "content": "role", "findings": [], "verdict": "approve"},
    });
    let decision = with(with(brief(), "/subject", subject), "/evidence", json!([]));
    with(decision, "/choice", json!({"kind": "approved", "value": null}))
}
