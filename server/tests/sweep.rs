//! Tasks whose message went without anybody having had it, and tasks that only wait.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use async_nats::jetstream::stream::Stream;
use countersign_domain::{reading::TaskQuery, task::TaskState};
use harness::{Desk, Server, stock};
use sqlx::{Connection, Executor, PgConnection};

async fn tasks(desk: &Desk, server: &Server) -> Stream {
    desk.account(&server.settings()).await.get_stream("TASKS").await.unwrap()
}

async fn publish(connection: &stock::Connection, numbers: std::ops::Range<u64>) {
    for n in numbers {
        connection.publish("tasks.cso.scan", &[], format!(r#"{{"n":{n}}}"#)).await.unwrap();
    }
}

/// Takes and acknowledges so many tasks; answers their numbers.
async fn work(connection: &stock::Connection, count: usize) -> Vec<u64> {
    let mut seen = Vec::new();
    while seen.len() < count {
        let message = connection.take().await;
        let payload: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
        seen.push(payload["n"].as_u64().unwrap());
        message.ack().await.unwrap();
    }
    seen.sort_unstable();
    seen
}

#[tokio::test]
async fn what_was_purged_before_anybody_had_it_comes_again() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    publish(&cso, 0..5).await;
    assert_eq!(work(&cso, 2).await, [0, 1]);
    desk.await_tasks(&[TaskState::Succeeded], 2).await;
    desk.await_tasks(&[TaskState::Queued], 3).await;
    tasks(&desk, &server).await.purge().await.unwrap();
    assert_eq!(work(&cso, 3).await, [2, 3, 4]);
    desk.await_tasks(&[TaskState::Succeeded], 5).await;
}

#[tokio::test]
async fn a_queue_that_somebody_removed_is_made_anew_with_its_tasks() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    publish(&cso, 0..3).await;
    desk.await_tasks(&[TaskState::Queued], 3).await;
    tasks(&desk, &server).await.delete_consumer("cso-agent").await.unwrap();
    assert_eq!(work(&cso, 3).await, [0, 1, 2]);
    desk.await_tasks(&[TaskState::Succeeded], 3).await;
}

#[tokio::test]
async fn a_task_that_waits_overnight_for_its_agent_stays_in_its_queue() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    let ops = desk.agent("ops", "").await.connect().await;
    publish(&cso, 0..1).await;
    let sequence = ops.publish("tasks.ops.scan", &[], "{}").await.unwrap();
    desk.await_tasks(&[TaskState::Queued], 2).await;
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let tenant = format!("set app.tenant = '{}'", desk.founder.tenant.0);
    owner.execute(sqlx::AssertSqlSafe(tenant)).await.unwrap();
    let aged = owner.execute("update task set updated_ms = updated_ms - 7 * 3600 * 1000").await.unwrap();
    assert_eq!(aged.rows_affected(), 2);
    // What comes of this shows that both were looked at.
    tasks(&desk, &server).await.delete_message(sequence).await.unwrap();
    ops.take().await.ack().await.unwrap();
    let waiting = desk.tasks(TaskQuery { agent: Some("cso".to_owned()), ..TaskQuery::default() }).await;
    assert_eq!(waiting.rows[0].state, TaskState::Queued, "{:?}", waiting.rows[0]);
    assert_eq!(work(&cso, 1).await, [0]);
    desk.await_tasks(&[TaskState::Succeeded], 2).await;
}
