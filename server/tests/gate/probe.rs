//! The probe: it proves what it says, and leaves nothing behind.

use crate::{
    harness::eventually,
    place::{Place, mission, role},
};
use async_nats::jetstream::{Context, consumer::Info};
use countersign_domain::review::ProbeReport;
use futures::StreamExt;
use std::collections::BTreeMap;

const STREAMS: [&str; 4] = ["TASKS", "EVENTS", "DLQ", "SIGNALS"];

/// What a probe must leave as it was: each stream's messages but for those that the server itself tells, and each
/// consumer with its settings and what it has handed out.
#[derive(Debug, PartialEq)]
struct Bus {
    messages: BTreeMap<String, Vec<String>>,
    consumers: BTreeMap<String, String>,
}

async fn bus(context: &Context) -> Bus {
    let (mut messages, mut consumers) = (BTreeMap::new(), BTreeMap::new());
    for name in STREAMS {
        let stream = context.get_stream(name).await.unwrap();
        let state = stream.get_info().await.unwrap().state;
        let mut kept = Vec::new();
        for sequence in state.first_sequence..=state.last_sequence {
            // What is not there any more was there before, or its number would be another.
            let Ok(message) = stream.get_raw_message(sequence).await else { continue };
            if !message.subject.starts_with("events.countersign.") {
                kept.push(format!("{} {}", message.subject, String::from_utf8_lossy(&message.payload)));
            }
        }
        messages.insert(name.to_owned(), kept);
        let found: Vec<Info> = stream.consumers().map(Result::unwrap).collect().await;
        for one in found {
            // How far the bridge has read changes with what the server tells.
            let handed = if one.name == "bridge" {
                String::new()
            } else {
                let delivered = (one.delivered.stream_sequence, one.delivered.consumer_sequence);
                format!(
                    " {delivered:?} {} pending, {} out, {} again, {} asking, paused {}",
                    one.num_pending, one.num_ack_pending, one.num_redelivered, one.num_waiting, one.paused
                )
            };
            consumers.insert(format!("{name} {}", one.name), format!("{:?} {:?}{handed}", one.created, one.config));
        }
    }
    Bus { messages, consumers }
}

/// What the server has recorded, but for what it told itself.
async fn record(place: &mut Place) -> Vec<String> {
    let mut rows = place.rows(&["credential", "task", "event", "quarantine"]).await;
    rows.retain(|row| !row.contains("journal.head"));
    rows
}

async fn events_are(place: &mut Place, topic: &str, wanted: i64) {
    let sql = format!("select count(*) from event where topic = '{topic}'");
    eventually(topic, async || match place.number(&sql).await {
        count if count == wanted => Ok(()),
        count => Err(format!("{count} of {wanted}")),
    })
    .await;
}

#[tokio::test]
async fn a_role_whose_plan_holds_has_no_wrong_attempt_among_more_than_a_hundred() {
    let place = Place::start().await;
    place.desk.agent("frontend", "").await;
    let lines = [
        "mission: Build the API.",
        "consumes: { kinds: [build_endpoint, fix_bug], ack_wait: 120s, max_deliver: 5, max_ack_pending: 3 }",
        "delegates_to: [frontend]",
        "broadcasts: [code.changed, \"task.*\"]",
        "reads: [metrics, \"docs/adr/**\"]",
    ];
    // The smallest role there is, a usual one, and one that forbids more than it must.
    let more = role("legal", &lines[..3]).replace(
        "    - { action: decide_brief }\n",
        "    - { action: decide_brief }\n    - { action: raise_brief }\n    - { action: delegate_task, scope: frontend }\n",
    );
    for text in [mission("marketing", "Write."), role("backend", &lines), more] {
        let shown = place.review(place.propose(&text).await).await;
        let probe = shown.probe.clone().expect("it is probed as it is proposed");
        let wrong: Vec<_> = probe.lines.iter().filter(|line| !line.is_right()).collect();
        println!("{}: {} attempts in {} ms", shown.row.agent, probe.lines.len(), probe.took_ms);
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!((probe.wrong, probe.right as usize), (0, probe.lines.len()));
        assert!(probe.right > 100, "{}", probe.right);
        // Both kinds of attempts, and each verb.
        for must in [true, false] {
            assert!(probe.lines.iter().any(|line| line.must_be_refused == must));
        }
        for verb in ["publish", "request", "subscribe"] {
            assert!(probe.lines.iter().any(|line| line.verb == verb), "{verb}");
        }
        let forbidden = probe.lines.iter().filter(|line| line.proof.starts_with("forbidden: ")).count();
        assert!(forbidden >= 5, "each forbidden action that the bus can see is tried: {forbidden}");
        assert!(shown.is_ready() && shown.row.probe_wrong == Some(0));
    }
}

#[tokio::test]
async fn a_probe_leaves_no_message_no_consumer_and_no_task_taken() {
    let mut place = Place::start().await;
    let backend = place.desk.agent("backend", "").await;
    let frontend = place.desk.agent("frontend", "").await;
    // A task waits in the queue of the very agent that is probed, and in another one's.
    for agent in [&backend, &frontend] {
        let client = agent.connect().await;
        client.publish(&format!("tasks.{}.fix_bug", agent.name), &[], r#"{"task":"Fix it"}"#).await.unwrap();
        client.publish(&format!("events.{}.heartbeat", agent.name), &[], "{}").await.unwrap();
    }
    place.desk.await_tasks(&[countersign_domain::task::TaskState::Queued], 2).await;
    events_are(&mut place, "heartbeat", 2).await;
    let context = place.desk.account(&place.server.settings()).await;
    // What was approved is handed out as its file says, a moment later.
    let mut before = bus(&context).await;
    eventually("a bus at rest", async || {
        let now = bus(&context).await;
        if now == before {
            return Ok(());
        }
        before = now;
        Err("something moves".to_owned())
    })
    .await;
    assert_eq!(before.messages["TASKS"].len(), 2, "{before:?}");
    assert_eq!(before.messages["EVENTS"].len(), 2, "{before:?}");
    let record = record(&mut place).await;

    let review = place.propose(&mission("backend", "Build the API.")).await;
    for _ in 0..3 {
        place.desk.service.probe_review(&place.desk.proven(), review).await.unwrap();
    }
    let probe = place.review(review).await.probe.unwrap();
    assert_eq!(probe.wrong, 0, "{:?}", probe.lines.iter().filter(|line| !line.is_right()).collect::<Vec<_>>());
    let after = bus(&context).await;
    assert_eq!(after.messages, before.messages, "no stream keeps a message of a probe, or has lost one");
    assert_eq!(after.consumers, before.consumers, "no consumer was made, changed, or has handed something out");
    // Nor does one come later: what is said after it is the next thing in the record.
    let client = backend.connect().await;
    client.publish("events.backend.last.word", &[], "{}").await.unwrap();
    events_are(&mut place, "last.word", 1).await;
    place.sql("delete from event where topic = 'last.word'").await;
    assert_eq!(self::record(&mut place).await, record);
    // The task is still there for whom it is for, at its first attempt.
    let message = client.take_task().await;
    assert_eq!(crate::harness::stock::attempt(&message), 1);
    message.ack().await.unwrap();
}

#[tokio::test]
async fn a_probe_that_is_run_again_tries_what_has_come_to_the_fleet_since() {
    let place = Place::start().await;
    let review = place.propose(&mission("backend", "Build the API.")).await;
    let first = place.review(review).await.probe.unwrap();
    place.desk.agent("cto", "").await;
    place.desk.service.probe_review(&place.desk.proven(), review).await.unwrap();
    let second = place.review(review).await.probe.unwrap();
    let of_cto = |probe: &ProbeReport| probe.lines.iter().filter(|line| line.subject.contains("cto-agent")).count();
    assert_eq!((first.wrong, second.wrong, of_cto(&first)), (0, 0, 0));
    assert!(of_cto(&second) > 5, "a new agent's queue is tried too: {}", of_cto(&second));
}
