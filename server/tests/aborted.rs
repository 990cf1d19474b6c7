//! Requests whose sender hangs up at any moment: what was confirmed is there, no connection of the pool
//! stays inside a transaction, and nobody else notices.

mod harness;

use countersign_domain::reading::TaskQuery;
use futures::{StreamExt, stream};
use harness::{Server, eventually};
use sqlx::{Connection, PgConnection};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const REQUESTS: u32 = 5_000;
const AT_ONCE: usize = 40;

/// One of the writes that a console does, which leaves `n` behind: a task, an agent, the reason of a pause.
fn write_of(n: u32) -> (&'static str, String) {
    match n % 10 {
        0 => ("/api/agent/create", format!("name=agent-{n}")),
        1 => ("/api/agent/pause", format!("name=cso&reason=number+{n}+of+them")),
        2 => ("/api/agent/resume", "name=cso".to_owned()),
        _ => ("/api/task/create", format!("agent=cso&kind=scan&payload=%7B%22n%22%3A{n}%7D")),
    }
}

/// Sends the request, and hangs up after as many microseconds as `n` says; answers whether it was confirmed.
async fn abort(address: &str, cookie: &str, n: u32) -> bool {
    let Ok(mut stream) = TcpStream::connect(address).await else { return false };
    let (path, form) = write_of(n);
    let body = format!("tenant=acme&{form}");
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nAccept: application/json\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    if stream.write_all(request.as_bytes()).await.is_err() {
        return false;
    }
    // A spread over all that a request does, the longest ones being answered.
    let most = if n.is_multiple_of(10) { 1_600_000 } else { 400_000 };
    let patience = Duration::from_micros(u64::from(n) * 7_919 % most);
    let mut answer = [0; 12];
    let read = tokio::time::timeout(patience, stream.read_exact(&mut answer)).await;
    matches!(read, Ok(Ok(_)) if answer[9] == b'2' || answer[9] == b'3')
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_senders_that_hang_up_leave_no_transaction_open_and_lose_nothing_confirmed() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    let cookie: Arc<str> = desk.cookie().await.into();
    let address: Arc<str> = server.addresses.console.trim_start_matches("http://").into();
    let confirmed: Vec<u32> = stream::iter(0..REQUESTS)
        .map(|n| {
            let (address, cookie) = (Arc::clone(&address), Arc::clone(&cookie));
            async move { abort(&address, &cookie, n).await.then_some(n) }
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(async |n| n)
        .collect()
        .await;
    let aborted = REQUESTS as usize - confirmed.len();
    println!("{} confirmed, {aborted} hung up", confirmed.len());
    assert!(confirmed.len() > 100 && aborted > 1_000, "both kinds happened: {} and {aborted}", confirmed.len());

    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    eventually("no connection inside a transaction", async || {
        let (open,): (i64,) = sqlx::query_as(
            "select count(*) from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()",
        )
        .fetch_one(&mut owner)
        .await
        .map_err(|e| e.to_string())?;
        if open == 0 { Ok(()) } else { Err(format!("{open} are")) }
    })
    .await;
    let made: Vec<(i32,)> =
        sqlx::query_as("select (payload::json ->> 'n')::int from task").fetch_all(&mut owner).await.unwrap();
    let tasks = made.len() as u64;
    let agents: Vec<(i32,)> =
        sqlx::query_as("select split_part(name, '-', 2)::int from agent where name like 'agent-%'")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    let paused: Vec<(i32,)> = sqlx::query_as(
        "select substring(convert_from(canonical, 'UTF8') from 'number ([0-9]+) of them')::int from journal where kind = 'agent.paused'",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(agents.len() > 10 && paused.len() > 5, "{} {}", agents.len(), paused.len());
    let all = made.into_iter().chain(agents).chain(paused);
    let made: std::collections::HashSet<u32> = all.map(|(n,)| n.unsigned_abs()).collect();
    // A resumption leaves no number; it is journaled once for each pause at most.
    let confirmed: Vec<u32> = confirmed.into_iter().filter(|n| n % 10 != 2).collect();
    let lost: Vec<&u32> = confirmed.iter().filter(|n| !made.contains(n)).collect();
    assert!(lost.is_empty(), "confirmed and not there: {lost:?}");
    // The pool still works, and what it reads is what was committed.
    assert_eq!(desk.tasks(TaskQuery::default()).await.count, tasks);
}

/// Asks for a page or a reading as a script does; hangs up after `patience`. Answers the status, 0 where none came.
async fn read(address: &str, cookie: &str, path: &str, patience: Duration) -> u16 {
    let Ok(mut stream) = TcpStream::connect(address).await else { return 0 };
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    let mut answer = Vec::new();
    let answered = async {
        stream.write_all(request.as_bytes()).await?;
        stream.read_to_end(&mut answer).await
    };
    match tokio::time::timeout(patience, answered).await {
        Ok(Ok(_)) => str::from_utf8(answer.get(9..12).unwrap_or_default()).unwrap_or_default().parse().unwrap_or(0),
        _ => 0,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stays_is_answered_while_others_hang_up() {
    const STAY: u32 = 1_500;
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    for name in ["cso", "backend", "legal"] {
        desk.service.create_agent(&desk.founder, name, "").await.unwrap();
    }
    let cookie: Arc<str> = desk.cookie().await.into();
    let address: Arc<str> = server.addresses.console.trim_start_matches("http://").into();
    let paths = ["/t/acme/fleet", "/api/fleet/draw?tenant=acme", "/t/acme", "/api/overview/read?tenant=acme"];
    let statuses: Vec<(&str, u16)> = stream::iter(0..2 * STAY)
        .map(|n| {
            let (address, cookie) = (Arc::clone(&address), Arc::clone(&cookie));
            let path = paths[n as usize / 2 % paths.len()];
            let hangs_up = n % 2 == 0;
            let patience =
                if hangs_up { Duration::from_micros(u64::from(n) * 7_919 % 60_000) } else { Duration::from_secs(20) };
            async move { (!hangs_up).then_some((path, read(&address, &cookie, path, patience).await)) }
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(async |status| status)
        .collect()
        .await;
    let failed: Vec<&(&str, u16)> = statuses.iter().filter(|(_, status)| *status != 200).collect();
    assert!(failed.is_empty(), "{} of {STAY}: {failed:?}", failed.len());
}
