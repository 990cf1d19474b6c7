//! Beside a Postgres and a nats-server of the customer's own, with what may already be in them.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use async_nats::jetstream::{
    self,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};
use countersign_domain::task::TaskState;
use harness::{Desk, Server, ask::ask, eventually, outside::Outside};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn a_given_database_and_a_given_bus_serve_as_the_embedded_ones_do() {
    let outside = Outside::start().await;
    let mut server = outside.serve(&[]);
    assert!(server.addresses.bus == outside.nats.url && !server.dir.join("postgres").exists());
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    cso.publish("tasks.cso.security_scan", &[], r#"{"task":"Scan","correlation_id":"t"}"#).await.unwrap();
    cso.take().await.ack().await.unwrap();
    let page = desk.await_tasks(&[TaskState::Succeeded], 1).await;
    assert_eq!((page.rows[0].agent.as_str(), page.rows[0].title.as_deref()), ("cso", Some("Scan")));

    // Neither is ours to stop.
    assert!(server.stop(), "{}", server.log());
    cso.publish("tasks.cso.security_scan", &[], "{}").await.expect("the bus goes on without Countersign");
    server.start_again();
    desk.await_tasks(&[TaskState::Queued], 1).await;
}

#[tokio::test]
async fn both_may_be_killed_and_come_back() {
    let mut outside = Outside::start().await;
    let server = outside.serve(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    agent.connect().await.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    desk.await_tasks(&[TaskState::Queued], 1).await;

    outside.postgres.kill();
    outside.nats.kill();
    eventually("the console to say that it cannot work", async || unready(&server)).await;
    outside.nats.start_again().await;
    agent.connect().await.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    outside.postgres.start_again();
    let desk = eventually("the database", async || {
        let open = tokio::time::timeout(Duration::from_secs(5), desk.service.first_founder()).await;
        open.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
        Ok(&desk)
    })
    .await;
    desk.await_tasks(&[TaskState::Queued], 2).await;
}

#[tokio::test]
async fn a_stream_with_other_settings_is_brought_in_step_and_keeps_its_messages() {
    let outside = Outside::start().await;
    let mut server = outside.serve(&[]);
    let desk = server.set_up().await;
    desk.agent("cso", "").await;
    let account = desk.account(&server.settings()).await;
    let wanted = tasks(&account).await;
    assert!(server.stop(), "{}", server.log());

    account.delete_stream("TASKS").await.unwrap();
    let other = Config {
        name: "TASKS".to_owned(),
        subjects: vec!["tasks.cso.>".to_owned(), "work.>".to_owned()],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        max_messages: 7,
        max_message_size: 2_000_000,
        duplicate_window: Duration::from_secs(1),
        description: Some("made by hand".to_owned()),
        ..Config::default()
    };
    account.create_stream(other).await.unwrap();
    account.publish("tasks.cso.scan", r#"{"task":"Was here before"}"#.into()).await.unwrap().await.unwrap();

    server.start_again();
    let page = desk.await_tasks(&[TaskState::Queued], 1).await;
    assert_eq!(page.rows[0].title.as_deref(), Some("Was here before"));
    let mended = tasks(&account).await;
    assert_eq!(Config { description: None, ..mended.clone() }, wanted);
    assert_eq!(mended.description.as_deref(), Some("made by hand"), "what Countersign has no opinion on stays");
}

#[tokio::test]
async fn a_stream_that_cannot_be_brought_in_step_is_named_and_the_console_serves() {
    let outside = Outside::start().await;
    let mut server = outside.serve(&[]);
    let desk = server.set_up().await;
    desk.agent("cso", "").await;
    let account = desk.account(&server.settings()).await;
    let subjects = || vec!["tasks.>".to_owned()];
    let stubborn = [
        Config { name: "TASKS".to_owned(), retention: RetentionPolicy::WorkQueue, ..Config::default() },
        Config { name: "MINE".to_owned(), retention: RetentionPolicy::Limits, ..Config::default() },
    ];
    for config in stubborn {
        assert!(server.stop(), "{}", server.log());
        account.delete_stream("TASKS").await.unwrap();
        let name = config.name.clone();
        account.create_stream(Config { subjects: subjects(), ..config }).await.unwrap();
        server.start_again();
        says(&server, &desk, "The stream TASKS exists with other settings").await;
        assert_eq!(ask(&server, "GET", "/readyz", &[], "").status, 200);

        // As the sentence asks for: it is moved away, and nobody need start the server again.
        account.delete_stream(&name).await.unwrap();
        eventually("a bus that is well", async || {
            let ready = ask(&server, "GET", "/readyz", &[], "").body;
            if ready.contains(r#""status":"ok""#) { Ok(()) } else { Err(ready) }
        })
        .await;
        assert_eq!(tasks(&account).await.retention, RetentionPolicy::Interest);
    }
    // A tenant's account has no memory for streams, so nobody can have made one there.
    let in_memory = Config {
        name: "MINE".to_owned(),
        subjects: vec!["mine".to_owned()],
        storage: StorageType::Memory,
        ..Config::default()
    };
    assert!(account.create_stream(in_memory).await.is_err());
}

async fn tasks(account: &jetstream::Context) -> Config {
    account.get_stream("TASKS").await.unwrap().cached_info().config.clone()
}

fn unready(server: &Server) -> Result<(), String> {
    let answer = ask(server, "GET", "/readyz", &[], "");
    if answer.status == 503 { Ok(()) } else { Err(answer.body) }
}

/// Waits until the overview says a sentence about the bus.
async fn says(server: &Server, desk: &Desk, sentence: &str) {
    let cookie = desk.cookie().await;
    eventually(sentence, async || {
        let answer = ask(server, "GET", "/t/acme", &[("Cookie", &cookie)], "");
        if answer.status == 200 && answer.body.contains(sentence) { Ok(()) } else { Err(answer.body) }
    })
    .await;
}

/// A way to the bus on which the question who is connected never arrives, once it is `deaf`.
async fn deaf_to_connz(bus: &str, deaf: Arc<AtomicBool>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    let bus = bus.trim_start_matches("nats://").to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&bus).await.unwrap();
            let ((mut from, mut to_client), (mut answers, mut to)) = (client.into_split(), server.into_split());
            tokio::spawn(async move { tokio::io::copy(&mut answers, &mut to_client).await });
            let deaf = Arc::clone(&deaf);
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 * 1024];
                while let Ok(read @ 1..) = from.read(&mut buffer).await {
                    let heard = &mut buffer[..read];
                    while deaf.load(Ordering::Relaxed)
                        && let Some(at) = heard.windows(10).position(|part| part == b"PING.CONNZ")
                    {
                        heard[at..at + 10].copy_from_slice(b"NONE.CONNZ");
                    }
                    if to.write_all(heard).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn a_bus_that_does_not_say_who_is_connected_carries_tasks_all_the_same() {
    let outside = Outside::start().await;
    let deaf = Arc::new(AtomicBool::new(false));
    let server = outside.serve_over(&deaf_to_connz(&outside.nats.url, Arc::clone(&deaf)).await, &[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    // From now on: the probe of a role asks the same, and is told that it may not.
    deaf.store(true, Ordering::Relaxed);
    eventually("the question asked three times in vain", async || {
        let asked = server.log().matches("could not be noted").count();
        if asked >= 3 { Ok(()) } else { Err(format!("{asked} times: {}", server.log())) }
    })
    .await;
    cso.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    desk.await_tasks(&[TaskState::Queued], 1).await;
    assert!(!server.log().contains("begins again"), "reading and sending went on");
}
