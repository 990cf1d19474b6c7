//! Two serving processes on one database and one bus: the work is shared out, and either may die.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;
#[path = "../../chaos/src/proxy.rs"]
#[allow(dead_code, unreachable_pub, reason = "the chaos runs use more of it")]
mod proxy;

use countersign_domain::{reading::TaskQuery, task::TaskState};
use countersign_service::TaskForm;
use futures::StreamExt;
use harness::{Desk, Server, eventually, outside::Outside, stock};
use proxy::{Link, Mode, Upstream};
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

/// Does whatever comes. One subscription for all: what the bus hands out to one that just ended comes again only
/// two minutes later.
async fn work(agent: stock::Agent) {
    loop {
        let connection = agent.connect().await;
        let Ok(queue) = connection.queue().await else { continue };
        let Ok(mut messages) = queue.messages().await else { continue };
        while let Some(Ok(message)) = messages.next().await {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_does_not_reach_the_bus_leaves_its_duties_to_one_that_does() {
    let outside = Outside::start().await;
    let first = outside.serve(&[]);
    let desk = first.set_up().await;
    let agent = desk.agent("cso", "").await;
    let worker = tokio::spawn(work(agent));
    let address = outside.nats.url.trim_start_matches("nats://").parse().unwrap();
    let link = Link::open(Some(Upstream::Tcp(address))).await.unwrap();
    let _second = outside.serve_beside_over(&format!("nats://{}", link.address()));
    let mut wanted = 0;
    for mode in [Mode::BlackHole, Mode::Refuse] {
        shared_by(&outside, 2).await;
        link.set(mode).await.unwrap();
        let took = shared_by(&outside, 1).await;
        println!("{mode:?}: the first took over after {} ms", took.as_millis());
        // A question and its patience, and a beat.
        assert!(took < Duration::from_secs(8), "{took:?}");
        create_some(&desk, 20).await;
        wanted += 20;
        desk.await_tasks(&[TaskState::Succeeded], wanted).await;
        link.set(Mode::Pass).await.unwrap();
    }
    shared_by(&outside, 2).await;
    worker.abort();
    assert_eq!(desk.tasks(TaskQuery::default()).await.count, wanted, "none missing, none twice");
}
