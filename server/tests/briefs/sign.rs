//! The countersignature: a passkey signs what was decided, and anybody can check it. The device is a program here; in a
//! browser it is `end2end`'s.

use crate::place::{Author, Place, conflict, now};
use countersign_domain::{
    Actor, Millis, PersonId, Role,
    reading::{BriefRow, DecisionHeld},
};
use countersign_receipt::{Refusal, Trusted, Verdict, verify, verify_chain};
use countersign_service::{BriefWord, Error};
use data_encoding::BASE64URL_NOPAD as BASE64URL;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A device with one passkey.
pub struct Device {
    pub id: Vec<u8>,
    key: EcdsaKeyPair,
    pub origin: String,
}

impl Device {
    /// One that the console knows as the person's.
    pub async fn of(place: &mut Place, person: PersonId) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        let id = Sha256::digest(key.public_key().as_ref()).to_vec();
        // An uncompressed point: 4, x, y.
        let point = key.public_key().as_ref();
        let part = |range: std::ops::Range<usize>| BASE64URL.encode(&point[range]);
        let credential = json!({"cred": {
            "cred_id": BASE64URL.encode(&id),
            "cred": {"type_": "ES256", "key": {"EC_EC2": {"curve": "SECP256R1", "x": part(1..33), "y": part(33..65)}}},
            "counter": 0, "transports": null, "user_verified": true, "backup_eligible": false, "backup_state": false,
            "registration_policy": "required", "extensions": {}, "attestation": {"data": "None", "metadata": "None"},
            "attestation_format": "none",
        }});
        sqlx::query(
            "insert into passkey (id, person_id, name, credential, created_ms) values ($1, $2, 'Device', $3, 1)",
        )
        .bind(&id)
        .bind(person.0)
        .bind(credential.to_string())
        .execute(&mut place.owner)
        .await
        .unwrap();
        let port = place.server.addresses.console.rsplit(':').next().unwrap();
        Self { id, key, origin: format!("http://localhost:{port}") }
    }

    /// Its public key, x and y.
    pub fn point(&self) -> ([u8; 32], [u8; 32]) {
        let point = self.key.public_key().as_ref();
        (point[1..33].try_into().unwrap(), point[33..65].try_into().unwrap())
    }

    /// What the browser answers when its person touches the device.
    pub fn answer(&self, question: &Value) -> String {
        let challenge = question["publicKey"]["challenge"].as_str().unwrap();
        let client_data =
            json!({"type": "webauthn.get", "challenge": challenge, "origin": self.origin, "crossOrigin": false})
                .to_string();
        let mut data = Sha256::digest(b"localhost").to_vec();
        // Somebody is there, and was recognised.
        data.extend([0x05, 0, 0, 0, 0]);
        let signed = [data.as_slice(), &Sha256::digest(client_data.as_bytes())].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        let id = BASE64URL.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "extensions": {},
            "response": {
                "authenticatorData": BASE64URL.encode(&data),
                "clientDataJSON": BASE64URL.encode(client_data.as_bytes()),
                "signature": BASE64URL.encode(signature.as_ref()),
                "userHandle": null,
            },
        })
        .to_string()
    }
}

async fn open(place: &Place, ceo: &Author, count: usize) -> Vec<BriefRow> {
    let mut rows = Vec::new();
    for number in 0..count {
        rows.push(place.open(ceo, &ceo.payload(&format!("q{number}"))).await);
    }
    rows
}

fn words(rows: &[BriefRow]) -> Vec<BriefWord> {
    rows.iter().map(|row| Place::word(row, "B")).collect()
}

pub async fn ask(place: &Place, actor: &Actor, rows: &[BriefRow]) -> Value {
    let question = place.desk.service.ask_for_signature(actor, words(rows)).await.unwrap();
    serde_json::to_value(question).unwrap()
}

pub fn ceremony(question: &Value) -> &str {
    question["ceremony"].as_str().unwrap()
}

#[tokio::test]
async fn a_touch_signs_the_decision_itself_and_the_receipt_proves_it() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let rows = open(&place, &ceo, 1).await;
    let person = place.desk.founder.person;
    let device = Device::of(&mut place, person).await;
    // Whoever signs proves who they are by it.
    let actor = Actor { proven_at: Millis(now().0 - 3_600_000), ..place.desk.proven() };
    assert!(place.brief(&rows[0].id).await.may_sign);
    let question = ask(&place, &actor, &rows).await;
    let answer = device.answer(&question);
    let service = &place.desk.service;
    let held = service.sign_decisions(&actor, ceremony(&question), &answer).await.unwrap();
    let held = held.into_iter().next().unwrap().unwrap();
    assert!(held.is_signed);
    let again = service.sign_decisions(&actor, ceremony(&question), &answer).await;
    assert!(matches!(again, Err(Error::Invalid { field: "passkey", .. })), "an answer counts once: {again:?}");
    let view = place.made(&rows[0].id).await;
    let decision = view.decision.unwrap();
    assert!(decision.is_signed && decision.how == "passkey");
    let id = decision.id.parse().unwrap();
    let receipt = place.desk.service.decision_receipt(&place.desk.founder, id).await.unwrap();
    let Ok(Verdict::Countersigned(proof)) = verify(&receipt, &Trusted::default()) else { panic!("no proof") };
    assert_eq!(BASE64URL.encode(&proof.decision.sha256()), question["publicKey"]["challenge"].as_str().unwrap());
    assert_eq!(proof.decision.decision().subject.sha256.to_string(), rows[0].sha256);
    let record = place.desk.service.read_decision(&place.desk.founder, id).await.unwrap();
    assert!(record.faults.is_empty() && record.unsigned.is_none(), "{:?}", record.faults);
    assert_eq!(record.key.map(|key| key.fingerprint), Some(proof.key.to_string()), "the record names the key");
    // One byte of question, option, evidence or rationale changed, and nothing is proven.
    let text = String::from_utf8(receipt).unwrap();
    for (before, after) in [
        ("Do we roll out today?", "Do we roll out todaz?"),
        ("\"value\":\"B\"", "\"value\":\"A\""),
        ("It is cheap.", "It is cheaq."),
        (ceo.sha256.as_str(), rows[0].sha256.as_str()),
    ] {
        assert!(text.contains(before), "{before} in {text}");
        let verdict = verify(text.replace(before, after).as_bytes(), &Trusted::default());
        assert!(verdict.is_err(), "{before} became {after}");
    }
}

#[tokio::test]
async fn several_decisions_are_signed_by_one_touch_and_each_has_its_receipt() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let rows = open(&place, &ceo, 4).await;
    let person = place.desk.founder.person;
    let device = Device::of(&mut place, person).await;
    let actor = place.desk.proven();
    let question = ask(&place, &actor, &rows).await;
    // One changes before the touch, one is decided by somebody else.
    let mut newer = ceo.payload("q1");
    newer["title"] = json!("Another");
    place.open(&ceo, &newer).await;
    let grace = place.member(11, "Grace", Role::Founder).await;
    let service = &place.desk.service;
    service.decide_brief(&grace, Place::word(&rows[2], "A")).await.unwrap();
    let answer = device.answer(&question);
    let held = service.sign_decisions(&actor, ceremony(&question), &answer).await.unwrap();
    let kinds: Vec<bool> = held.iter().map(Result::is_ok).collect();
    assert_eq!(kinds, [true, false, false, true]);
    for (outcome, words) in held.into_iter().zip(["", "changed since", "Grace decided", ""]) {
        if !words.is_empty() {
            let said = conflict(outcome);
            assert!(said.contains(words), "{said}");
        }
    }
    for row in [&rows[0], &rows[3]] {
        let decision = place.made(&row.id).await.decision.unwrap();
        let id = decision.id.parse().unwrap();
        let receipt = place.desk.service.decision_receipt(&place.desk.founder, id).await.unwrap();
        let Ok(Verdict::Countersigned(proof)) = verify(&receipt, &Trusted::default()) else { panic!("no proof") };
        assert_eq!((proof.covers, proof.decision.decision().decider), (4, place.desk.founder.person));
    }
}

#[tokio::test]
async fn what_one_touch_signs_is_one_chain_in_its_order() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let rows = open(&place, &ceo, 5).await;
    let person = place.desk.founder.person;
    let device = Device::of(&mut place, person).await;
    let actor = place.desk.proven();
    let mut receipts = Vec::new();
    // One before, then four at once: the second of them is before the first on the page.
    for some in [&rows[..1], &[rows[2].clone(), rows[1].clone(), rows[3].clone(), rows[4].clone()][..]] {
        let question = ask(&place, &actor, some).await;
        let answer = device.answer(&question);
        let held = place.desk.service.sign_decisions(&actor, ceremony(&question), &answer).await.unwrap();
        for held in held {
            held.unwrap();
        }
        for row in some {
            let id = place.made(&row.id).await.decision.unwrap().id.parse().unwrap();
            receipts.push(place.desk.service.decision_receipt(&place.desk.founder, id).await.unwrap());
        }
    }
    let verdicts = verify_chain(&receipts, &Trusted::default()).expect("each comes after the one before it");
    assert_eq!(verdicts.len(), 5);
    // What is decided next comes after the last of them.
    let next = place.open(&ceo, &ceo.payload("next")).await;
    let question = ask(&place, &actor, std::slice::from_ref(&next)).await;
    let answer = device.answer(&question);
    place.desk.service.sign_decisions(&actor, ceremony(&question), &answer).await.unwrap().remove(0).unwrap();
    let id = place.made(&next.id).await.decision.unwrap().id.parse().unwrap();
    receipts.push(place.desk.service.decision_receipt(&place.desk.founder, id).await.unwrap());
    verify_chain(&receipts, &Trusted::default()).expect("and so does the next");
    receipts.remove(2);
    let refused = verify_chain(&receipts, &Trusted::default());
    assert!(matches!(refused, Err((2, Refusal::Chain))), "one was taken out: {refused:?}");
}

#[tokio::test]
async fn no_other_persons_passkey_and_no_other_question_signs() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let rows = open(&place, &ceo, 2).await;
    let person = place.desk.founder.person;
    let own = Device::of(&mut place, person).await;
    let grace = place.member(11, "Grace", Role::Founder).await;
    let theirs = Device::of(&mut place, grace.person).await;
    let actor = place.desk.proven();
    let service = &place.desk.service;
    let refused = |outcome: Result<Vec<Result<DecisionHeld, Error>>, Error>| {
        assert!(matches!(outcome, Err(Error::Invalid { field: "passkey", .. })));
    };
    let question = ask(&place, &actor, &rows[..1]).await;
    refused(service.sign_decisions(&actor, ceremony(&question), &theirs.answer(&question)).await);
    let question = ask(&place, &actor, &rows[..1]).await;
    refused(service.sign_decisions(&grace, ceremony(&question), &own.answer(&question)).await);
    // The answer to another question.
    let (one, other) = (ask(&place, &actor, &rows[..1]).await, ask(&place, &actor, &rows[1..]).await);
    refused(service.sign_decisions(&actor, ceremony(&one), &own.answer(&other)).await);
    // A proof is no signature.
    let proof = serde_json::to_value(service.ask_for_proof(&actor).await.unwrap()).unwrap();
    refused(service.sign_decisions(&actor, ceremony(&proof), &own.answer(&proof)).await);
    assert_eq!(place.number("select count(*) from decision").await, 0);
    let bob = place.member(12, "Bob", Role::Founder).await;
    let none = place.desk.service.ask_for_signature(&bob, words(&rows)).await;
    assert!(conflict(none.map(drop)).contains("You have no passkey"));
}
