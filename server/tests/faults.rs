//! Kill each of the three processes while work flows: nothing is lost, nothing counts twice.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use countersign_domain::{reading::TaskQuery, task::TaskState};
use harness::{Desk, Server, eventually, signal, stock};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

const TASKS: u64 = 2_000;

/// Publishes all tasks, each until it is acknowledged, over as many connections as it takes.
async fn publish_all(agent: stock::Agent, published: Arc<AtomicU64>) {
    let mut connection = agent.connect().await;
    for n in 0..TASKS {
        let id = format!("task-{n}");
        let payload = format!(r#"{{"n":{n},"correlation_id":"flow-{}"}}"#, n % 50);
        loop {
            let headers = [("Nats-Msg-Id", id.as_str())];
            let sent = connection.publish("tasks.cso.flow", &headers, payload.clone());
            match tokio::time::timeout(Duration::from_secs(3), sent).await {
                Ok(Ok(_)) => break,
                _ => connection = agent.connect().await,
            }
        }
        published.store(n + 1, Ordering::Relaxed);
    }
}

/// Acknowledges every task, for as long as it is let.
async fn work(agent: stock::Agent) {
    loop {
        let connection = agent.connect().await;
        let Ok(queue) = connection.queue().await else { continue };
        let Ok(mut batch) = queue.fetch().max_messages(50).expires(Duration::from_secs(1)).messages().await else {
            continue;
        };
        while let Ok(Some(Ok(message))) =
            tokio::time::timeout(Duration::from_secs(3), futures::StreamExt::next(&mut batch)).await
        {
            let _ = tokio::time::timeout(Duration::from_secs(1), message.double_ack()).await;
        }
    }
}

async fn reached(published: &AtomicU64, count: u64) {
    eventually(&format!("{count} published tasks"), async || {
        let so_far = published.load(Ordering::Relaxed);
        if so_far >= count { Ok(()) } else { Err(so_far.to_string()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_tasks_survive_the_death_of_server_bus_and_database() {
    let mut server = Server::start(&["--ack-wait", "2"]);
    let agent = server.set_up().await.agent("cso", "").await;
    let published = Arc::new(AtomicU64::new(0));
    let publisher = tokio::spawn(publish_all(agent.clone(), Arc::clone(&published)));
    let workers = [tokio::spawn(work(agent.clone())), tokio::spawn(work(agent))];

    reached(&published, 400).await;
    let nats = server.pid_in("nats/nats.pid");
    signal(nats, "KILL");
    reached(&published, 800).await;
    assert_ne!(server.pid_in("nats/nats.pid"), nats, "the bus was killed and came back");

    let postgres = server.pid_in("postgres/postmaster.pid");
    signal(postgres, "KILL");
    reached(&published, 1_200).await;
    eventually("another database process", async || {
        let file = server.dir.join("postgres/postmaster.pid");
        let text = std::fs::read_to_string(file).map_err(|e| e.to_string())?;
        if text.starts_with(&postgres.to_string()) { Err("the old one".to_owned()) } else { Ok(()) }
    })
    .await;

    server.kill();
    server.start_again();
    publisher.await.unwrap();

    let desk: Desk = server.set_up().await;
    let all = eventually("all tasks succeeded", async || {
        let page = desk
            .service
            .search_tasks(&desk.founder, &TaskQuery { state: vec![TaskState::Succeeded], ..TaskQuery::default() })
            .await
            .map_err(|e| e.to_string())?;
        if page.count == TASKS {
            Ok(desk.tasks(TaskQuery::default()).await)
        } else {
            Err(format!("{} of {TASKS}", page.count))
        }
    })
    .await;
    for worker in workers {
        worker.abort();
    }
    assert_eq!(all.count, TASKS, "none missing, none twice");
    let attempts = desk.task(&all.rows[0]).await.attempts.len();
    assert!(attempts >= 1);
}
