//! A brief in somebody else's hands: from its deadline on, or while the founders are away, and never what founders settle
//! alone.

use crate::{
    away::form,
    place::{Place, conflict, now},
    sign::Device,
};
use countersign_domain::{Actor, Role};
use countersign_receipt::{Trusted, verify};
use countersign_service::{AwayForm, Error};
use futures::future::join_all;
use serde_json::json;

async fn handed_to_bob(place: &mut Place) -> Actor {
    let bob = place.member(12, "Bob", Role::Reviewer).await;
    let service = &place.desk.service;
    service.delegate_category(&place.desk.proven(), "deploy", "bob@example.com", "He knows it.").await.unwrap();
    bob
}

fn fresh(place: &Place, actor: &Actor) -> Actor {
    Actor { proven_at: place.desk.proven().proven_at, ..actor.clone() }
}

#[tokio::test]
async fn a_reviewer_decides_what_was_handed_to_them_from_the_deadline_on_in_their_own_name() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let bob = handed_to_bob(&mut place).await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let view = place.brief(&row.id).await;
    assert!(view.silence.contains("Bob may decide it in the founders' place from then on"), "{}", view.silence);
    let mine = place.desk.service.read_inbox(&bob).await.unwrap().rows.remove(0);
    assert_eq!((mine.delegate.as_deref(), mine.is_yours, mine.is_delegated), (Some("Bob"), true, false));
    let early = place.desk.service.decide_brief(&bob, Place::word(&row, "A")).await;
    assert!(matches!(early, Err(Error::Forbidden(Role::Founder))), "{early:?}");
    place.let_pass(&row.id).await;
    let mine = place.desk.service.read_inbox(&bob).await.unwrap().rows.remove(0);
    assert!(mine.is_yours && mine.is_delegated);
    let seen = place.desk.service.read_brief(&bob, Place::id(&row), None).await.unwrap();
    assert!(seen.may_decide && !place.desk.service.read_inbox(&bob).await.unwrap().may_decide);
    // Theirs alone: another reviewer may not, and nobody without a fresh proof.
    let eve = place.member(13, "Eve", Role::Reviewer).await;
    let other = place.desk.service.decide_brief(&eve, Place::word(&mine, "A")).await;
    assert!(matches!(other, Err(Error::Forbidden(_))), "{other:?}");
    let stale = Actor { proven_at: countersign_domain::Millis(now().0 - 3_600_000), ..bob.clone() };
    let stale = place.desk.service.decide_brief(&stale, Place::word(&mine, "A")).await;
    assert!(matches!(stale, Err(Error::StepUp)), "{stale:?}");
    // Taken back once, in time; then it counts.
    let bob = fresh(&place, &bob);
    let held = place.desk.service.decide_brief(&bob, Place::word(&mine, "A")).await.unwrap();
    place.desk.service.undo_decision(&bob, held.decision.parse().unwrap()).await.unwrap();
    place.desk.service.decide_brief(&bob, Place::word(&mine, "B")).await.unwrap();
    let decided = place.made(&row.id).await;
    let decision = decided.decision.unwrap();
    assert_eq!((decision.by.as_deref(), decision.for_person.as_deref()), (Some("Bob"), Some("Ada")));
    assert_eq!(decided.row.decided_by.as_deref(), Some("Bob, in Ada's place"));
    let told = ceo.told("decision_made").await;
    assert_eq!((&told["decided_by"], &told["decided_for"]), (&json!("Bob"), &json!("Ada")));
    let entry = &place.entries("brief.decided").await[0];
    assert_eq!(entry["by"], json!(bob.person.to_string()));
    assert_eq!(entry["for_person"], json!(place.desk.founder.person.to_string()));
}

/// What Bob's word looks like as a row, for whoever writes into the database.
fn word(place: &Place, bob: &Actor, brief: &str, sha256: &str) -> String {
    let (tenant, at) = (place.desk.founder.tenant, now().0);
    format!(
        "insert into decision (tenant_id, id, brief_id, version, sha256, choice, answer, rationale, prediction, person_id, how,
                               proven_ms, at_ms, held_ms, said_key, canonical, canonical_sha256, state)
         values ('{tenant}', '00000000-0000-0000-0000-0000000000e1', '{brief}', 1, '\\x{sha256}', 'option', 'A', '', '', '{}', 'password',
                 {at}, {at}, {at} + 10000, 'k', '{{}}'::bytea, sha256('{{}}'::bytea), 'held')",
        bob.person
    )
}

#[tokio::test]
async fn founders_have_an_hour_with_each_version_whatever_deadline_its_author_chose() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let bob = handed_to_bob(&mut place).await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    place.let_pass(&row.id).await;
    let past = |ms: i64| {
        let (at, id) = (now().0 - ms, row.id.clone());
        format!(
            "set session_replication_role = replica; update brief_version set at_ms = {at} where brief_id = '{id}';
             set session_replication_role = origin;"
        )
    };
    place.sql(&past(3_500_000)).await;
    let mine = place.desk.service.read_inbox(&bob).await.unwrap().rows.remove(0);
    assert!(mine.is_yours && !mine.is_delegated);
    assert!(place.brief(&row.id).await.silence.contains("an hour with each version"));
    let early = place.desk.service.decide_brief(&fresh(&place, &bob), Place::word(&mine, "A")).await;
    assert!(matches!(early, Err(Error::Forbidden(Role::Founder))), "{early:?}");
    assert_eq!(place.at_once(vec![word(&place, &bob, &row.id, &mine.sha256)]).await, 0);
    place.sql(&past(3_601_000)).await;
    assert!(place.desk.service.read_inbox(&bob).await.unwrap().rows[0].is_delegated);
    assert_eq!(place.at_once(vec![word(&place, &bob, &row.id, &mine.sha256)]).await, 1);
}

#[tokio::test]
async fn while_agents_are_stopped_a_delegates_clock_stands_too() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let bob = handed_to_bob(&mut place).await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    // This desk has no line to the bus, and may say so; the stop is recorded all the same.
    let _ = place.desk.service.stop_all(&place.desk.proven(), "Something is wrong").await;
    place.let_pass(&row.id).await;
    let mine = place.desk.service.read_inbox(&bob).await.unwrap().rows.remove(0);
    assert!(!mine.is_delegated);
    let stopped = place.desk.service.decide_brief(&fresh(&place, &bob), Place::word(&mine, "A")).await;
    assert!(matches!(stopped, Err(Error::Forbidden(_))), "{stopped:?}");
    assert_eq!(place.at_once(vec![word(&place, &bob, &row.id, &mine.sha256)]).await, 0);
    place.decide(&mine, "A").await.expect("a founder decides all the same");
}

#[tokio::test]
async fn while_founders_are_away_a_delegate_decides_at_once_and_signs_with_their_own_key() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let bob = place.member(12, "Bob", Role::Reviewer).await;
    let device = Device::of(&mut place, bob.person).await;
    let rows = [place.open(&ceo, &ceo.payload("q")).await, place.open(&ceo, &ceo.payload("r")).await];
    let nobody = AwayForm { delegate: "nobody@example.com".to_owned(), ..form(&[("deploy", "delegate")]) };
    let refused = place.desk.service.declare_away(&place.desk.proven(), nobody).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "delegate", .. })), "{refused:?}");
    let deputy = AwayForm { delegate: "Bob@example.com".to_owned(), ..form(&[("deploy", "delegate")]) };
    let away = place.desk.service.declare_away(&place.desk.proven(), deputy).await.unwrap();
    let words = place.brief(&rows[0].id).await.silence;
    assert!(words.contains("Bob may decide it in the founders' place now"), "{words}");
    let bob = fresh(&place, &bob);
    let service = &place.desk.service;
    let question = service.ask_for_signature(&bob, vec![Place::word(&rows[0], "B")]).await.unwrap();
    let question = serde_json::to_value(question).unwrap();
    let answer = device.answer(&question);
    let held = service.sign_decisions(&bob, question["ceremony"].as_str().unwrap(), &answer).await.unwrap();
    assert!(held.into_iter().next().unwrap().unwrap().is_signed);
    let decision = place.made(&rows[0].id).await.decision.unwrap();
    assert_eq!(decision.for_person.as_deref(), Some("Ada"));
    let id = decision.id.parse().unwrap();
    let receipt = place.desk.service.decision_receipt(&place.desk.founder, id).await.unwrap();
    let verdict = verify(&receipt, &Trusted::default()).unwrap();
    assert_eq!(verdict.decision().decision().policy, "delegate/1");
    assert_eq!(verdict.decision().decision().decider, bob.person);
    // It ends with the absence.
    place.desk.service.end_away(&place.desk.founder, away).await.unwrap();
    let late = place.desk.service.decide_brief(&bob, Place::word(&rows[1], "B")).await;
    assert!(matches!(late, Err(Error::Forbidden(_))), "{late:?}");
    let report = place.desk.service.read_away(&bob, away).await.unwrap();
    assert_eq!((report.decided[0].kind.as_str(), report.decided[0].may_reverse), ("delegate", false));
}

#[tokio::test]
async fn nobody_is_handed_what_founders_settle_alone_and_a_founder_takes_it_back_at_once() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let bob = handed_to_bob(&mut place).await;
    let service = &place.desk.service;
    let reserved = service.delegate_category(&place.desk.proven(), "budget", "bob@example.com", "x").await;
    assert!(conflict(reserved).contains("Only founders settle"));
    for nobody in ["ada@example.com", "eve@example.com", ""] {
        let refused = service.delegate_category(&place.desk.proven(), "deploy", nobody, "x").await;
        assert!(matches!(refused, Err(Error::Invalid { field: "delegate", .. })), "{nobody}: {refused:?}");
    }
    let row = place.open(&ceo, &ceo.payload("q")).await;
    place.let_pass(&row.id).await;
    let row = place.inbox().await.rows.remove(0);
    place.desk.service.set_brief_policy(&place.desk.proven(), "deploy", true, "hold", "Ours again").await.unwrap();
    let refused = place.desk.service.decide_brief(&bob, Place::word(&row, "B")).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    // Whoever loses the role loses what was handed to them.
    let service = &place.desk.service;
    service.delegate_category(&place.desk.proven(), "deploy", "bob@example.com", "x").await.unwrap();
    place.sql("update membership set role = 'observer' where person_id = '00000000-0000-0000-0000-00000000000c'").await;
    // Even where the code above still takes them for a reviewer, the database does not.
    let refused = place.desk.service.decide_brief(&fresh(&place, &bob), Place::word(&row, "B")).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert_eq!(place.number("select count(*) from decision").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_founder_and_a_delegate_who_decide_a_hundred_times_at_once_one_decides() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let bob = handed_to_bob(&mut place).await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    place.let_pass(&row.id).await;
    let row = place.inbox().await.rows.remove(0);
    let (ada, bob) = (place.desk.proven(), fresh(&place, &bob));
    let said = (0..100).map(|number| {
        let (actor, choice) = if number % 2 == 0 { (&ada, "A") } else { (&bob, "B") };
        place.desk.service.decide_brief(actor, Place::word(&row, choice))
    });
    let held: std::collections::BTreeSet<String> =
        join_all(said).await.into_iter().filter_map(|held| held.ok().map(|held| held.decision)).collect();
    assert_eq!(held.len(), 1, "{held:?}");
    place.made(&row.id).await;
    assert_eq!(place.number("select count(*) from decision").await, 1);
}
