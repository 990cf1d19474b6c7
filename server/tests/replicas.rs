//! Two serving processes on one database and one bus: the work is shared out, and either may die.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use countersign_domain::{reading::TaskQuery, task::TaskState};
use countersign_service::TaskForm;
use futures::StreamExt;
use harness::{Desk, Server, eventually, outside::Outside, stock};
use sqlx::{Connection, PgConnection};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Which replica has which duties now, by how many.
async fn holders(database_url: &str) -> BTreeMap<String, Vec<String>> {
    let mut owner = PgConnection::connect(database_url).await.unwrap();
    let rows: Vec<(String, String)> =
        sqlx::query_as("select holder::text, duty from duty where until > now() order by duty")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    let mut held: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (holder, duty) in rows {
        held.entry(holder).or_default().push(duty);
    }
    held
}

async fn work(agent: stock::Agent) {
    loop {
        let connection = agent.connect().await;
        let Ok(queue) = connection.queue().await else { continue };
        let Ok(mut batch) = queue.fetch().max_messages(20).expires(Duration::from_secs(1)).messages().await else {
            continue;
        };
        while let Some(Ok(message)) = batch.next().await {
            let _ = message.double_ack().await;
        }
    }
}

async fn create_some(desk: &Desk, count: usize) {
    for n in 0..count {
        let form = TaskForm {
            agent: "cso".into(),
            kind: "scan".into(),
            payload: format!(r#"{{"n":{n}}}"#),
            ..TaskForm::default()
        };
        desk.service.create_task(&desk.founder, form).await.unwrap();
    }
}

/// Waits until all duties are held, by so many replicas; answers how long it took.
async fn shared_by(outside: &Outside, replicas: usize) -> Duration {
    let started = Instant::now();
    eventually(&format!("duties held by {replicas}"), async || {
        let held = holders(&outside.postgres.url).await;
        let all: usize = held.values().map(Vec::len).sum();
        if held.len() == replicas && all == 3 { Ok(()) } else { Err(format!("{held:?}")) }
    })
    .await;
    started.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_share_the_work_and_either_may_be_killed() {
    let outside = Outside::start().await;
    let mut first = outside.serve(&[]);
    let desk = first.set_up().await;
    let agent = desk.agent("cso", "").await;
    let worker = tokio::spawn(work(agent));
    let mut second = outside.serve_beside();
    shared_by(&outside, 2).await;

    let mut wanted = 0;
    let mut take_over = async |victim: &mut Server, survivor: &str| {
        create_some(&desk, 40).await;
        victim.kill();
        let took = shared_by(&outside, 1).await;
        create_some(&desk, 40).await;
        wanted += 80;
        desk.await_tasks(&[TaskState::Succeeded], wanted).await;
        println!("{survivor} took over after {} ms", took.as_millis());
        // A lease of four seconds, and a beat each second.
        assert!(took < Duration::from_secs(6), "{took:?}");
        victim.start_again();
        shared_by(&outside, 2).await;
    };
    take_over(&mut first, "the second").await;
    take_over(&mut second, "the first").await;
    worker.abort();
    let all = desk.tasks(TaskQuery::default()).await;
    assert_eq!(all.count, 160, "none missing, none twice");
    assert!(second.stop(), "a clean stop gives its duties back");
    let took = shared_by(&outside, 1).await;
    assert!(took < Duration::from_secs(3), "nobody had to wait for a lease to end: {took:?}");
}
