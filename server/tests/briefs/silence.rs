//! What happens at a deadline when nobody said anything.

use crate::{
    harness::eventually,
    place::{Place, conflict},
};
use countersign_domain::brief::{BriefState, DecisionState};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn silence_does_what_a_founder_let_it_mean_and_says_so_before() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let mut payload = ceo.payload("q");
    payload["at_deadline"] = json!("A");
    let row = place.open(&ceo, &payload).await;
    assert!(place.brief(&row.id).await.silence.contains("no policy lets silence answer"));
    let service = &place.desk.service;
    service.set_brief_policy(&place.desk.proven(), "deploy", false, "recommended", "It is small.").await.unwrap();
    let view = place.brief(&row.id).await;
    assert!(view.silence.contains("option B takes effect: Wait"), "{}", view.silence);
    assert_eq!(view.silence_option.as_deref(), Some("B"));
    place.sql("create table kept as select brief_id, sha256, text from brief_version").await;
    place.let_pass(&row.id).await;
    let decided = place.made(&row.id).await.decision.unwrap();
    assert_eq!((decided.by, decided.how.as_str(), decided.words.as_str()), (None, "policy “recommended”", "B: Wait"));
    assert_eq!((decided.state, decided.is_signed), (DecisionState::Made, false));
    let told = ceo.told("decision_made").await;
    assert!(told["decided_by"].is_null() && told["policy"] == "recommended", "{told}");
    let entry = &place.entries("brief.decided_by_policy").await[0];
    assert!(entry.get("by").is_none(), "no person did it: {entry}");
    let late = crate::place::Place::word(&row, "A");
    let late = place.desk.service.decide_brief(&place.desk.proven(), late).await;
    assert!(conflict(late).contains("Nothing was"));
    // With the text that its author sent, the journal and what is kept agree.
    place
        .sql(
            "set session_replication_role = replica;
             update brief_version v set text = k.text, sha256 = k.sha256 from kept k where k.brief_id = v.brief_id;
             update brief b set sha256 = k.sha256 from kept k where k.brief_id = b.id;
             set session_replication_role = origin",
        )
        .await;
    place.is_whole().await;
}

#[tokio::test]
async fn without_a_policy_a_brief_waits_beyond_its_deadline_and_can_be_decided_still() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let mut payload = ceo.payload("q");
    payload["at_deadline"] = json!("A");
    let row = place.open(&ceo, &payload).await;
    place.let_pass(&row.id).await;
    let view = eventually("it is noted that the deadline passed", async || {
        let view = place.brief(&row.id).await;
        let noted = view.strip.iter().any(|event| event.words.contains("deadline passed"));
        if noted { Ok(view) } else { Err(format!("{:?}", view.strip)) }
    })
    .await;
    assert_eq!((view.row.state, view.row.is_overdue, view.may_decide), (BriefState::Open, true, true));
    place.decide(&view.row, "A").await.unwrap();
    place.made(&row.id).await;
    assert_eq!(place.entries("brief.lapsed").await.len(), 1);
}

#[tokio::test]
async fn no_policy_hands_away_what_is_the_founders_alone() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    for category in ["budget", "strategy", "priorities", "resource_allocation"] {
        let set = place.desk.service.set_brief_policy(&place.desk.proven(), category, false, "recommended", "x").await;
        assert!(conflict(set).contains("Only founders settle"));
    }
    place.desk.service.set_brief_policy(&place.desk.proven(), "deploy", false, "as_declared", "x").await.unwrap();
    let mut payload = ceo.payload("q");
    payload["at_deadline"] = json!("A");
    let row = place.open(&ceo, &payload).await;
    // The founders take it back to themselves before the deadline.
    place.desk.service.set_brief_policy(&place.desk.proven(), "deploy", true, "as_declared", "x").await.unwrap();
    assert!(place.brief(&row.id).await.row.is_reserved);
    place.let_pass(&row.id).await;
    eventually("it is noted that nothing happened", async || {
        let entries = place.entries("brief.lapsed").await;
        if entries.len() == 1 { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
    assert_eq!(place.number("select count(*) from decision").await, 0);
}

#[tokio::test]
async fn an_emergency_stop_holds_the_clock_and_gives_the_time_back() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    place.desk.service.set_brief_policy(&place.desk.proven(), "deploy", false, "as_declared", "x").await.unwrap();
    let mut payload = ceo.payload("q");
    payload["at_deadline"] = json!("A");
    let row = place.open(&ceo, &payload).await;
    // This desk has no line to the bus, and may say so; the stop is recorded all the same.
    let _ = place.desk.service.stop_all(&place.desk.proven(), "Something is wrong").await;
    assert!(place.brief(&row.id).await.is_frozen);
    tokio::time::sleep(Duration::from_secs(2)).await;
    place.desk.service.lift_stop(&place.desk.proven(), None).await.unwrap();
    let view = place.brief(&row.id).await;
    assert!(
        !view.is_frozen && view.row.deadline.0 >= row.deadline.0 + 2_000,
        "{:?} {:?}",
        view.row.deadline,
        row.deadline
    );
}
