//! Messages that no client library would send, and over which the one that we read with gives up.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use countersign_domain::task::TaskState;
use harness::{Server, eventually, raw::Line};

const TASK: &[u8] = b"tasks.cso.scan";

#[tokio::test]
async fn a_message_that_no_client_can_read_goes_whole_into_quarantine_and_stops_nothing() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let mut line = Line::of(&agent);
    line.publish(TASK, b"NATS/1.0\r\nMy Key: v\r\n\r\n", br#"{"n":1}"#);
    line.publish(TASK, "NATS/1.0\r\nschlüssel: v\r\n\r\n".as_bytes(), b"{}");
    line.publish(TASK, b"NATS/1.0\r\nno colon \0\r\n\r\n", b"{}");
    line.publish(TASK, b"NATS/1.0\r\nkey: \xff\xfe\r\n\r\n", b"{}");
    line.publish(b"events.cso.note", b"NATS/1.0\r\nMy Key: v\r\n\r\n", b"{}");
    line.publish(TASK, b"", b"{}");
    desk.await_tasks(&[TaskState::Queued], 1).await;
    let rows = eventually("all of them in quarantine", async || {
        let rows = desk.service.list_quarantine(&desk.founder).await.map_err(|e| e.to_string())?;
        if rows.len() == 5 { Ok(rows) } else { Err(format!("{rows:?}")) }
    })
    .await;
    let first = rows.iter().find(|row| row.payload.bytes == 7).unwrap();
    assert_eq!(
        (first.subject.as_str(), first.headers.as_slice()),
        ("tasks.cso.scan", [("My Key".into(), "v".into())].as_slice())
    );
    assert!(first.reason.contains("“My Key”"), "{}", first.reason);

    let streams = desk.account(&server.settings()).await;
    eventually("a queue without them", async || {
        let tasks = streams.get_stream("TASKS").await.map_err(|e| e.to_string())?;
        let left = tasks.cached_info().state.messages;
        if left == 1 { Ok(()) } else { Err(format!("{left}")) }
    })
    .await;
    assert!(!server.log().contains("lost unread"), "what was taken out is no gap");
    // Kept: a connection that ends takes what it has not sent with it.
    let cso = agent.connect().await;
    cso.take().await.ack().await.unwrap();
    desk.await_tasks(&[TaskState::Succeeded], 1).await;
}

#[tokio::test]
async fn one_that_ends_the_reader_itself_does_so_once() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let mut line = Line::of(&agent);
    // A lone carriage return is no end of a line, and no part of a value.
    line.publish(TASK, b"NATS/1.0\r\nkey: a\rb\r\n\r\n", b"{}");
    line.publish("tasks.cso.a\u{3000}b".as_bytes(), b"", b"{}");
    line.publish(b"tasks.cso.\xff", b"", b"{}");
    line.publish(TASK, b"", b"{}");
    desk.await_tasks(&[TaskState::Queued], 1).await;
    eventually("all of them in quarantine", async || {
        let rows = desk.service.list_quarantine(&desk.founder).await.map_err(|e| e.to_string())?;
        if rows.len() == 3 { Ok(()) } else { Err(format!("{rows:?}")) }
    })
    .await;
}

#[tokio::test]
async fn a_message_that_claims_to_be_an_answer_of_the_bus_is_a_task_like_any() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let mut line = Line::of(&agent);
    for status in ["409 Consumer Deleted", "100 Idle Heartbeat", "503 No Responders", "404 No Messages"] {
        line.publish(TASK, format!("NATS/1.0 {status}\r\n\r\n").as_bytes(), b"{}");
    }
    desk.await_tasks(&[TaskState::Queued], 4).await;
}

#[tokio::test]
async fn what_is_in_quarantine_is_handed_to_nobody() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    cso.publish("tasks.cso.scan", &[], "{\"broken\":").await.unwrap();
    let streams = desk.account(&server.settings()).await;
    eventually("an empty queue", async || {
        let rows = desk.service.list_quarantine(&desk.founder).await.map_err(|e| e.to_string())?;
        let stream = streams.get_stream("TASKS").await.map_err(|e| e.to_string())?;
        let left = stream.cached_info().state.messages;
        if rows.len() == 1 && left == 0 { Ok(()) } else { Err(format!("{} kept, {left} queued", rows.len())) }
    })
    .await;
}
