//! What a founder answers, and what follows.

use crate::{
    harness::{eventually, outside::Outside},
    place::{Place, conflict, now},
};
use countersign_domain::{
    Actor, Millis, Role,
    brief::{BriefChoice, BriefState, DecisionState, VoidReason},
};
use countersign_service::Error;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_decision_is_held_then_journaled_and_told_in_one_transaction() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let held = place.decide(&row, "B").await.unwrap();
    assert_eq!((held.words.as_str(), held.is_signed), ("B: Wait", false));
    let view = place.brief(&row.id).await;
    assert_eq!((view.row.state, view.row.outcome.as_deref()), (BriefState::Held, Some("B: Wait")));
    assert!(view.decision.as_ref().unwrap().may_undo && !view.may_decide);
    assert_eq!(place.entries("brief.decided").await.len(), 0, "nothing is journaled while it is held");
    assert!(ceo.hears_nothing(Duration::from_secs(1)).await, "nobody is told while it is held");
    let told = ceo.told("decision_made").await;
    assert_eq!((told["brief"].as_str(), told["choice"]["key"].as_str()), (Some("q"), Some("B")));
    assert_eq!((told["decided_by"].as_str(), told["rationale"].as_str()), (Some("Ada"), Some("It is cheap.")));
    assert_eq!(told["correlation_id"], "trace-q");
    let view = place.made(&row.id).await;
    let decision = view.decision.unwrap();
    assert_eq!((decision.state, decision.by.as_deref(), decision.is_signed), (DecisionState::Made, Some("Ada"), false));
    let entry = &place.entries("brief.decided").await[0];
    assert_eq!((entry["choice"]["value"].as_str(), entry["via"]["how"].as_str()), (Some("B"), Some("password")));
    assert_eq!(entry["decision_sha256"].as_str(), decision.decision_sha256.as_deref());
    eventually("the broadcast comes back from the bus", async || {
        let sql = "select payload from event where agent = 'countersign' and topic = 'decision.made'";
        let told: Vec<(String,)> = sqlx::query_as(sql).fetch_all(&mut place.owner).await.map_err(|e| e.to_string())?;
        match told.as_slice() {
            [(payload,)] if payload.contains(&decision.id) => Ok(()),
            others => Err(format!("{others:?}")),
        }
    })
    .await;
    let receipt = place.desk.service.decision_receipt(&place.desk.founder, decision.id.parse().unwrap()).await.unwrap();
    let verdict = countersign_receipt::verify(&receipt, &countersign_receipt::Trusted::default()).unwrap();
    assert!(matches!(verdict, countersign_receipt::Verdict::Unsigned(_)));
}

#[tokio::test]
async fn a_decision_can_be_taken_back_for_ten_seconds_and_not_after() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let grace = place.member(11, "Grace", Role::Founder).await;
    let service = &place.desk.service;
    let held = place.decide(&row, "A").await.unwrap();
    let id = held.decision.parse().unwrap();
    assert!(conflict(service.undo_decision(&grace, id).await).contains("Only who decided"));
    service.undo_decision(&place.desk.founder, id).await.expect("no fresh proof is asked for to take it back");
    service.undo_decision(&place.desk.founder, id).await.expect("taken back twice is taken back");
    let view = place.brief(&row.id).await;
    assert_eq!((view.row.state, view.past_decisions.len()), (BriefState::Open, 1));
    let second = place.decide(&row, "B").await.unwrap();
    place.made(&row.id).await;
    let late = service.undo_decision(&place.desk.founder, second.decision.parse().unwrap()).await;
    assert!(conflict(late).contains("ten seconds are over"));
    assert_eq!(ceo.told("decision_made").await["choice"]["key"], "B", "of what was taken back nobody heard");
    assert_eq!(place.number("select count(*) from task where kind = 'decision_made'").await, 1);
    place.is_whole().await;
}

#[tokio::test]
async fn whoever_decides_on_an_older_version_hears_what_changed_and_nothing_is_decided() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let first = place.open(&ceo, &ceo.payload("q")).await;
    let mut payload = ceo.payload("q");
    payload["options"][0]["cost_usd"] = json!(4_000);
    let second = place.open(&ceo, &payload).await;
    assert_eq!(place.brief(&second.id).await.row.state, BriefState::Open);
    let words = conflict(place.decide(&first, "A").await);
    assert!(words.contains("option A: cost was “$40.00”, is “$4000.00”"), "{words}");
    assert_eq!(place.number("select count(*) from decision where state in ('held', 'made')").await, 0);
    let since = first.sha256.parse().unwrap();
    let seen = place.desk.service.read_brief(&place.desk.founder, Place::id(&second), Some(since)).await.unwrap();
    assert!(seen.difference.iter().any(|change| change.what == "option A: cost"));
    place.decide(&second, "A").await.unwrap();
    place.made(&second.id).await;
}

#[tokio::test]
async fn an_answer_of_ones_own_and_a_refusal_are_answers_too() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let (own, none) = (place.open(&ceo, &ceo.payload("own")).await, place.open(&ceo, &ceo.payload("none")).await);
    let mut word = Place::word(&own, "own");
    word.answer = "Ask Oslo first.\r\nThen roll out.".into();
    word.prediction = "Oslo says yes.".into();
    word.check_at = Some(Millis(now().0 + 86_400_000));
    place.desk.service.decide_brief(&place.desk.proven(), word).await.unwrap();
    place.decide(&none, "none").await.unwrap();
    let view = place.made(&own.id).await;
    let decision = view.decision.unwrap();
    assert_eq!(decision.choice, BriefChoice::Own("Ask Oslo first.\nThen roll out.".into()));
    assert!(decision.check_at.is_some() && decision.prediction == "Oslo says yes.");
    assert_eq!(place.made(&none.id).await.decision.unwrap().choice, BriefChoice::Rejected);
}

#[tokio::test]
async fn only_a_founder_who_has_just_proven_who_they_are_decides() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let service = &place.desk.service;
    let stale = Actor { proven_at: Millis(now().0 - 301_000), ..place.desk.proven() };
    let late = service.decide_brief(&stale, Place::word(&row, "A")).await;
    assert!(matches!(late, Err(Error::StepUp)), "{late:?}");
    for (number, role) in [(12, Role::Observer), (13, Role::Reviewer)] {
        let actor = place.member(number, &format!("M{number}"), role).await;
        let service = &place.desk.service;
        for outcome in [
            service.decide_brief(&actor, Place::word(&row, "A")).await.map(drop),
            service.snooze_brief(&actor, Place::id(&row), None).await,
            service.ask_author(&actor, Place::id(&row), "Why?").await.map(drop),
            service.set_brief_policy(&actor, "deploy", false, "recommended", "Because").await,
            service.ask_for_signature(&actor, vec![Place::word(&row, "A")]).await.map(drop),
        ] {
            assert!(matches!(outcome, Err(Error::Forbidden(Role::Founder))), "{role:?}: {outcome:?}");
        }
    }
    let eve = place.organization(14, "other").await;
    let theirs = place.desk.service.decide_brief(&eve, Place::word(&row, "A")).await;
    assert!(matches!(theirs, Err(Error::NotFound)), "another organization's brief does not exist: {theirs:?}");
    assert!(matches!(place.desk.service.read_brief(&eve, Place::id(&row), None).await, Err(Error::NotFound)));
    assert_eq!(place.number("select count(*) from decision").await, 0);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_at_its_field() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let field = |result: Result<_, Error>| match result {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("{:?}", other.map(drop)),
    };
    let good = || Place::word(&row, "A");
    let decide = async |word| place.desk.service.decide_brief(&place.desk.proven(), word).await;
    for (wanted, word) in [
        ("choice", countersign_service::BriefWord { choice: "Z".into(), ..good() }),
        ("choice", countersign_service::BriefWord { choice: String::new(), ..good() }),
        ("answer", countersign_service::BriefWord { choice: "own".into(), ..good() }),
        ("sha256", countersign_service::BriefWord { sha256: "abc".into(), ..good() }),
        ("rationale", countersign_service::BriefWord { rationale: "x".repeat(2_001), ..good() }),
        ("rationale", countersign_service::BriefWord { rationale: "pay\u{202e}lave".into(), ..good() }),
        ("prediction", countersign_service::BriefWord { check_at: Some(Millis(now().0 + 1_000_000)), ..good() }),
        ("check_at", countersign_service::BriefWord { check_at: Some(Millis(1)), ..good() }),
    ] {
        assert_eq!(field(decide(word).await), wanted);
    }
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_answer_and_what_was_taken_back_is_not_said_again_by_it() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let word = || countersign_service::BriefWord { key: "form-1".into(), ..Place::word(&row, "A") };
    let first = place.desk.service.decide_brief(&place.desk.proven(), word()).await.unwrap();
    let again = place.desk.service.decide_brief(&place.desk.proven(), word()).await.unwrap();
    assert_eq!(first, again);
    place.desk.service.undo_decision(&place.desk.founder, first.decision.parse().unwrap()).await.unwrap();
    let late = place.desk.service.decide_brief(&place.desk.proven(), word()).await;
    assert!(conflict(late).contains("was taken back"));
    assert_eq!(place.number("select count(*) from decision").await, 1);
    assert_eq!(place.brief(&row.id).await.row.state, BriefState::Open);
}

#[tokio::test]
async fn a_newer_version_waits_for_a_founders_word_and_comes_too_late_when_that_counts() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let first = place.open(&ceo, &ceo.payload("q")).await;
    let held = place.decide(&first, "A").await.unwrap();
    let mut payload = ceo.payload("q");
    payload["title"] = json!("Another");
    for _ in 0..3 {
        ceo.send(&payload).await;
    }
    // Others are not kept waiting by it.
    let other = place.open(&ceo, &ceo.payload("other")).await;
    let view = place.brief(&first.id).await;
    assert_eq!((view.row.state, view.row.version), (BriefState::Held, 1), "{:?}", view.row);
    let view = place.made(&first.id).await;
    assert_eq!(view.decision.unwrap().id, held.decision);
    assert_eq!(ceo.told("brief_rejected").await["faults"][0]["rule"], "already_decided");
    assert_eq!(place.number("select count(*) from brief_version").await, 2, "one of each");
    assert_eq!(place.entries("brief.voided").await.len(), 0);
    // Taken back, the newer one is what can be decided.
    let held = place.decide(&other, "A").await.unwrap();
    let mut payload = ceo.payload("other");
    payload["title"] = json!("Another");
    ceo.send(&payload).await;
    place.open(&ceo, &ceo.payload("third")).await;
    assert_eq!(place.brief(&other.id).await.row.version, 1);
    place.desk.service.undo_decision(&place.desk.founder, held.decision.parse().unwrap()).await.unwrap();
    eventually("the newer version", async || {
        let row = place.brief(&other.id).await.row;
        if row.version == 2 && row.state == BriefState::Open { Ok(()) } else { Err(format!("{row:?}")) }
    })
    .await;
    assert!(conflict(place.decide(&other, "A").await).contains("changed since you opened it"));
    place.is_whole().await;
}

#[tokio::test]
async fn what_was_rejected_stays_so_whatever_its_author_makes_of_it() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    place.decide(&row, "none").await.unwrap();
    place.made(&row.id).await;
    for title in ["Another", "Deployment q"] {
        let mut payload = ceo.payload("q");
        payload["title"] = json!(title);
        payload["options"][0]["cost_usd"] = json!(1);
        ceo.send(&payload).await;
        assert_eq!(ceo.told("brief_rejected").await["faults"][0]["rule"], "already_decided");
    }
    let view = place.brief(&row.id).await;
    assert_eq!((view.row.state, view.row.outcome.as_deref()), (BriefState::Decided, Some("Rejected")));
}

#[tokio::test]
async fn whoever_is_no_founder_any_more_when_the_ten_seconds_are_over_has_not_decided() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let (removed, demoted) = (place.open(&ceo, &ceo.payload("a")).await, place.open(&ceo, &ceo.payload("b")).await);
    let grace = place.member(11, "Grace", Role::Founder).await;
    let eve = place.member(12, "Eve", Role::Founder).await;
    for (actor, row) in [(&grace, &removed), (&eve, &demoted)] {
        place.desk.service.decide_brief(actor, Place::word(row, "A")).await.unwrap();
    }
    place.sql(&format!("delete from membership where person_id = '{}'", grace.person)).await;
    place.sql(&format!("update membership set role = 'observer' where person_id = '{}'", eve.person)).await;
    for row in [&removed, &demoted] {
        let view = eventually("the decision is void", async || {
            let view = place.brief(&row.id).await;
            if view.past_decisions.is_empty() { Err(format!("{:?}", view.row.state)) } else { Ok(view) }
        })
        .await;
        assert_eq!(view.row.state, BriefState::Open);
        assert_eq!(view.past_decisions[0].state, DecisionState::Voided);
        assert_eq!(view.past_decisions[0].void_reason, Some(VoidReason::NoFounder));
        assert!(view.strip.iter().any(|event| event.words.contains("was no founder any more")), "{:?}", view.strip);
    }
    let entries = place.entries("brief.voided").await;
    assert_eq!(entries.iter().map(|entry| entry["why"].as_str()).collect::<Vec<_>>(), [Some("no_founder"); 2]);
    assert!(ceo.hears_nothing(Duration::from_secs(1)).await, "nobody was told");
    // It waits for whoever is one.
    place.decide(&removed, "B").await.unwrap();
    place.made(&removed.id).await;
    place.is_whole().await;
}

#[tokio::test]
async fn a_form_that_says_something_else_than_before_hears_that_it_did() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let word = || countersign_service::BriefWord { key: "form-1".into(), ..Place::word(&row, "A") };
    let decide = async |word| place.desk.service.decide_brief(&place.desk.proven(), word).await;
    decide(word()).await.unwrap();
    for word in [
        countersign_service::BriefWord { choice: "B".into(), ..word() },
        countersign_service::BriefWord { rationale: "It is dear.".into(), ..word() },
        // Without a form's key the same choice is the same answer, and its reasons are others.
        countersign_service::BriefWord { key: String::new(), rationale: "It is dear.".into(), ..word() },
    ] {
        let by_form = !word.key.is_empty();
        let words = conflict(decide(word).await);
        let wanted = if by_form { "You answered this brief otherwise" } else { "Ada decided this brief" };
        assert!(words.contains(wanted) && words.ends_with("Nothing was changed."), "{words}");
    }
    assert_eq!(place.number("select count(*) from decision").await, 1);
}

#[tokio::test]
async fn deciding_works_while_the_bus_is_down_and_the_word_goes_out_when_it_is_back() {
    let mut outside = Outside::start().await;
    let mut place = Place::on(outside.serve(&[])).await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    outside.nats.kill();
    place.decide(&row, "B").await.unwrap();
    place.made(&row.id).await;
    assert_eq!(place.entries("brief.decided").await.len(), 1);
    assert!(place.number("select count(*) from outbox").await >= 2, "the task and the event wait");
    outside.nats.start_again().await;
    let back = ceo.agent.connect().await;
    let message = back.take_task().await;
    assert!(message.subject.ends_with(".decision_made"), "{}", message.subject);
    let told: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
    assert_eq!(told["choice"]["key"], "B");
    message.ack().await.unwrap();
    eventually("the broadcast comes back from the bus", async || {
        let sql = "select count(*) from event where agent = 'countersign' and topic = 'decision.made'";
        let (told,): (i64,) = sqlx::query_as(sql).fetch_one(&mut place.owner).await.map_err(|e| e.to_string())?;
        if told == 1 { Ok(()) } else { Err(told.to_string()) }
    })
    .await;
}
