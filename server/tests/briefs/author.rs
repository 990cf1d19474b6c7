//! Questions back to an author, and briefs that are put off.

use crate::{
    harness::{eventually, web},
    place::{Place, conflict, now},
};
use countersign_domain::{Millis, brief::InboxSplit};
use countersign_service::Error;
use serde_json::json;

#[tokio::test]
async fn an_authors_answer_arrives_with_the_task_by_which_it_was_asked() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let service = &place.desk.service;
    let task = service.ask_author(&place.desk.founder, Place::id(&row), "Why not on Sunday?").await.unwrap();
    let waiting = place.brief(&row.id).await;
    assert_eq!((waiting.row.unanswered, waiting.thread[0].by.as_str()), (1, "Ada"));
    let message = ceo.bus.take_task().await;
    assert_eq!(message.subject.as_str(), "tasks.ceo.brief_question");
    let asked: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
    assert_eq!((asked["brief"].as_str(), asked["question"].as_str()), (Some("q"), Some("Why not on Sunday?")));
    // With the Workspace API an author hands its answer in; with the bus alone it acknowledges, and broadcasts it.
    message.ack().await.unwrap();
    let payload = json!({"task": task.to_string(), "answer": "Oslo sleeps\u{202e}."}).to_string();
    ceo.bus.publish("events.ceo.brief.answered", &[], payload).await.unwrap();
    let answered = eventually("the answer", async || {
        let view = place.brief(&row.id).await;
        let is_there = view.thread[0].answer.is_some() && view.row.unanswered == 0;
        if is_there { Ok(view) } else { Err(format!("{:?}", view.thread)) }
    })
    .await;
    assert_eq!(answered.thread[0].answer.as_deref(), Some("Oslo sleeps\\u{202e}."), "nothing hidden is in it");
    assert!(answered.strip.iter().any(|event| event.words == "ceo answered"), "{:?}", answered.strip);
    place.is_whole().await;
}

#[tokio::test]
async fn an_answer_that_is_handed_in_as_a_result_is_shown_too() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    place.desk.service.ask_author(&place.desk.founder, Place::id(&row), "Why?").await.unwrap();
    let message = ceo.bus.take_task().await;
    let info = message.info().unwrap();
    let console = &place.server.addresses.console;
    let token = web::token(console, &ceo.agent.creds).await;
    let claim = json!({"sequence": info.stream_sequence, "delivery": info.delivered}).to_string();
    let claimed = eventually("the task is known", async || {
        let claimed = web::post(console, "/claims", Some(&token), &claim).await;
        if claimed.status == 200 { Ok(claimed) } else { Err(format!("{claimed:?}")) }
    })
    .await;
    let task = claimed.json["task"].as_str().unwrap();
    let done = json!({"fence": claimed.json["fence"], "result": {"answer": "Because."}}).to_string();
    let completed = web::post(console, &format!("/claims/{task}/complete"), Some(&token), &done).await;
    assert!((200..300).contains(&completed.status), "{completed:?}");
    let view = eventually("the answer", async || {
        let view = place.brief(&row.id).await;
        if view.thread[0].answer.is_some() { Ok(view) } else { Err("none".to_owned()) }
    })
    .await;
    assert_eq!(view.thread[0].answer.as_deref(), Some("Because."));
}

#[tokio::test]
async fn a_brief_is_put_off_and_never_beyond_its_deadline() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let snooze = async |until: Option<i64>| {
        place.desk.service.snooze_brief(&place.desk.founder, Place::id(&row), until.map(Millis)).await
    };
    assert!(matches!(snooze(Some(now().0 - 1)).await, Err(Error::Invalid { field: "until", .. })));
    assert!(conflict(snooze(Some(row.deadline.0 + 1)).await).contains("Its deadline is"));
    snooze(Some(now().0 + 3_600_000)).await.unwrap();
    assert_eq!(place.inbox().await.rows[0].split, InboxSplit::Snoozed);
    snooze(None).await.unwrap();
    assert_eq!(place.inbox().await.rows[0].split, InboxSplit::Decisions);
    snooze(Some(now().0 + 1_500)).await.unwrap();
    eventually("it is in sight again", async || {
        let split = place.inbox().await.rows[0].split;
        if split == InboxSplit::Decisions { Ok(()) } else { Err(format!("{split:?}")) }
    })
    .await;
    place.decide(&row, "A").await.unwrap();
    place.made(&row.id).await;
    assert!(conflict(snooze(Some(now().0 + 60_000)).await).contains("is decided"));
    let late = place.desk.service.ask_author(&place.desk.founder, Place::id(&row), "Why?").await;
    assert!(conflict(late).contains("is decided"));
}
