use super::*;
use serde_json::json;
use uuid::Uuid;

fn decision() -> Decision {
    let evidence = ArtifactHash([7; 32]);
    let text = CanonicalJson::of(&json!({
        "question": "Which?", "options": [{"key": "a"}, {"key": "b"}], "evidence": [{"sha256": evidence, "title": "x"}],
    }))
    .unwrap();
    Decision {
        v: VERSION,
        tenant: TenantId(Uuid::from_u128(1)),
        decider: PersonId(Uuid::from_u128(2)),
        at_ms: Millis(1_700_000_000_000),
        subject: Subject::brief(Uuid::from_u128(3), 1, text).unwrap(),
        choice: Choice::Option("a".into()),
        rationale: "It is cheap.".into(),
        prediction: String::new(),
        check_at_ms: None,
        evidence: vec![evidence],
        policy: "1".into(),
        previous: None,
        journal: JournalHead { number: 4, sha256: ArtifactHash([9; 32]) },
        signed: true,
        nonce: Nonce([5; 16]),
    }
}

#[test]
fn a_decision_reads_back_as_it_was_sealed() {
    for choice in [Choice::Option("b".into()), Choice::Own("Neither.".into()), Choice::Rejected(())] {
        let sealed = Decision { choice, ..decision() }.seal().unwrap();
        let json = CanonicalJson::parse_canonical(sealed.canonical()).unwrap();
        assert_eq!(Sealed::read(&json).unwrap(), sealed);
    }
    let review = Subject { kind: SubjectKind::Review, sha256: ArtifactHash([1; 32]), ..decision().subject };
    for choice in [Choice::Approved(()), Choice::Rejected(()), Choice::Revoked(())] {
        Decision { choice, subject: review.clone(), evidence: vec![], ..decision() }.seal().unwrap();
    }
}

#[test]
fn parts_that_do_not_agree_are_refused() {
    let mut other_text = decision();
    other_text.subject.sha256 = ArtifactHash([0; 32]);
    assert_eq!(other_text.seal(), Err(DecisionFault::TextHash));
    let chosen = |choice| Decision { choice, ..decision() }.seal();
    assert_eq!(chosen(Choice::Option("c".into())), Err(DecisionFault::NoSuchOption("c".into())));
    assert_eq!(chosen(Choice::Approved(())), Err(DecisionFault::Choice));
    assert_eq!(Decision { evidence: vec![], ..decision() }.seal(), Err(DecisionFault::Evidence));
    assert!(matches!(Decision { v: 2, ..decision() }.seal(), Err(DecisionFault::Fields(_))));
    let far = Decision { at_ms: Millis(i64::MAX), ..decision() }.seal();
    assert_eq!(far, Err(NotCanonical::Integer(i64::MAX).into()));
}

#[test]
fn what_is_missing_added_or_said_in_another_way_is_no_decision() {
    let whole = serde_json::to_value(decision()).unwrap();
    let read = |json: &serde_json::Value| Sealed::read(&CanonicalJson::of(json).unwrap());
    assert!(read(&whole).is_ok());
    for field in whole.as_object().unwrap().keys() {
        let mut without = whole.clone();
        without.as_object_mut().unwrap().remove(field);
        assert!(read(&without).is_err(), "without {field}");
    }
    for (place, value) in [
        ("/more", json!(1)),
        ("/tenant", json!("00000000000000000000000000000001")),
        ("/nonce", json!("05")),
        ("/choice", json!({"kind": "rejected"})),
        ("/choice", json!({"kind": "rejected", "value": "a"})),
        ("/journal", json!({"number": 4, "sha256": ArtifactHash([9; 32]), "more": null})),
        ("/v", json!(true)),
    ] {
        let mut other = whole.clone();
        other[&place[1..]] = value;
        assert!(read(&other).is_err(), "{place}");
    }
}
