//! The journal as the record: everything can be made anew from it, and what was changed shows.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use countersign_domain::{
    TenantId,
    journal::{GENESIS, chain},
    reading::{LetterQuery, TaskQuery},
    task::TaskState,
};
use countersign_server::{compose, surroundings::SystemClock};
use countersign_service::{
    TaskForm,
    ports::{Clock, StreamStart},
};
use countersign_store::JournalKeeper;
use harness::{Desk, Server, countersign, eventually, outside::Outside, stock, stock::nak};
use sqlx::{Connection, Executor, PgConnection};
use std::process::Output;

fn run(server: &Server, args: &[&str]) -> Output {
    countersign().args(args).arg("--data-dir").arg(&server.dir).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Work of every kind: done, returned, dead and replayed, terminated, cancelled, quarantined, unknown agent,
/// costs, a breaker, a pause.
async fn a_busy_day(desk: &Desk) -> stock::Connection {
    let cso = desk.agent("cso", "ghost").await.connect().await;
    let sequence = cso.publish("tasks.cso.scan", &[("Nats-Msg-Id", "a")], r#"{"correlation_id":"t"}"#).await.unwrap();
    let message = cso.take().await;
    let usage = format!(r#"{{"usd":0.5,"stream_seq":{sequence},"attempt":1}}"#);
    cso.publish("events.cso.usage.reported", &[], usage).await.unwrap();
    message.ack().await.unwrap();
    cso.publish("tasks.cso.scan", &[], r#"{"n":2}"#).await.unwrap();
    for _ in 0..5 {
        nak(&cso.take().await).await;
    }
    desk.await_tasks(&[TaskState::Dead], 1).await;
    let letters = desk.service.read_dead_letters(&desk.founder, &LetterQuery::default()).await.unwrap();
    let letter = letters.letters[0].id.parse().unwrap();
    desk.service.replay_letter(&desk.founder, letter, None).await.unwrap();
    cso.take().await.ack().await.unwrap();
    cso.publish("tasks.ghost.haunt", &[], "{}").await.unwrap();
    cso.publish("tasks.cso.scan", &[], "broken").await.unwrap();
    for n in 0..5 {
        cso.publish("tasks.cso.scan", &[], format!(r#"{{"n":{n}}}"#)).await.unwrap();
        let reply = cso.take_task().await.reply.clone().unwrap();
        cso.client.publish(reply, "+TERM no".into()).await.unwrap();
    }
    desk.await_tasks(&[TaskState::Failed], 5).await;
    let agent = "cso".parse().unwrap();
    desk.service.pause_agent(&desk.founder, &agent, "lunch").await.unwrap();
    let form = TaskForm { agent: "cso".into(), kind: "scan".into(), ..TaskForm::default() };
    let cancelled = desk.service.create_task(&desk.founder, form.clone()).await.unwrap();
    desk.service.cancel_task(&desk.founder, cancelled, "").await.unwrap();
    desk.service.create_task(&desk.founder, form).await.unwrap();
    desk.await_tasks(&[TaskState::Undeliverable], 1).await;
    desk.await_tasks(&[TaskState::Queued], 1).await;
    cso
}

#[tokio::test]
async fn dropped_views_come_back_from_the_journal_byte_for_byte() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    a_busy_day(&desk).await;
    let keeper = JournalKeeper::new(server.owner());
    let tenant = desk.founder.tenant;
    let before = keeper.read_models(tenant).await.unwrap();
    assert!(before.lines().count() > 40, "{}", before.lines().count());
    let output = run(&server, &["rebuild"]);
    assert!(output.status.success(), "{}", said(&output));
    let after = keeper.read_models(tenant).await.unwrap();
    for (old, new) in before.lines().zip(after.lines()) {
        assert_eq!(old, new);
    }
    assert_eq!(before, after);
}

#[tokio::test]
async fn every_kind_of_tampering_with_the_journal_is_found() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    a_busy_day(&desk).await;
    let tenant = desk.founder.tenant;
    // The head is told to the bus within a minute at most; here the first one is told at once.
    eventually("a head on the bus", async || {
        let output = run(&server, &["journal", "verify"]);
        let text = said(&output);
        if output.status.success() && text.contains("which the bus was told") { Ok(()) } else { Err(text) }
    })
    .await;
    let export = run(&server, &["journal", "export"]);
    let lines = String::from_utf8(export.stdout).unwrap();
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((first["seq"].as_i64(), first["entry"]["what"].as_str()), (Some(1), Some("tenant_created")));

    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let tampering = [
        (
            "an entry changed",
            "update journal set canonical = replace(convert_from(canonical, 'UTF8'), 'Acme', 'Evil')::bytea where seq = 1",
        ),
        (
            "an entry changed with its hash",
            "update journal set canonical = canonical || ' '::bytea, hash = sha256(hash) where seq = 3",
        ),
        ("an entry taken out", "delete from journal where seq = 5"),
        (
            "two entries exchanged",
            "update journal a set canonical = b.canonical, kind = b.kind, at_ms = b.at_ms from journal b where (a.seq, b.seq) in ((4, 6), (6, 4))",
        ),
        ("an entry filed as another kind", "update journal set kind = 'note' where seq = 2"),
        ("the end cut off", "delete from journal where seq > 8"),
        (
            "the end cut off, and the head with it",
            "delete from journal where seq > 1; update journal_head set seq = 1, hash = (select hash from journal where seq = 1)",
        ),
    ];
    for (what, statement) in tampering {
        owner.execute("begin").await.unwrap();
        owner.execute(sqlx::AssertSqlSafe(format!("set local app.tenant = '{}'", tenant.0))).await.unwrap();
        owner
            .execute("create table kept as select * from journal; create table kept_head as select * from journal_head")
            .await
            .unwrap();
        owner.execute(statement).await.unwrap();
        owner.execute("commit").await.unwrap();
        let output = run(&server, &["journal", "verify"]);
        assert!(!output.status.success() && said(&output).contains("NOT in order"), "{what}: {}", said(&output));
        restore(&mut owner, tenant).await;
    }
    assert!(run(&server, &["journal", "verify"]).status.success());
}

#[tokio::test]
async fn messages_that_the_bus_dropped_unread_are_journaled_as_a_gap_and_said_on_the_overview() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    cso.publish("events.cso.note", &[], "{}").await.unwrap();
    let tenant = desk.founder.tenant;
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let epoch = eventually("a read event", async || {
        let row: Option<(i64,)> =
            sqlx::query_as("select epoch from checkpoint where stream = 'EVENTS' and sequence = 1")
                .fetch_optional(&mut owner)
                .await
                .map_err(|e| e.to_string())?;
        row.map(|(epoch,)| epoch).ok_or_else(|| "not read".to_owned())
    })
    .await;
    // As a reader finds it that was away for longer than the stream keeps messages.
    let start = StreamStart { stream: "EVENTS", epoch, first_sequence: 42 };
    let ledger = compose::record(&desk.databases).ledger;
    ledger.resume(tenant, start, SystemClock.now()).await.unwrap();
    ledger.resume(tenant, start, SystemClock.now()).await.unwrap();
    let export = String::from_utf8(run(&server, &["journal", "export"]).stdout).unwrap();
    let gaps: Vec<serde_json::Value> = export
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["entry"].take())
        .filter(|entry| entry["what"] == "gap_found")
        .collect();
    assert_eq!(gaps.len(), 1, "told once: {gaps:?}");
    // The server's own signed head may be a message of the stream too.
    let (from, to) = (gaps[0]["from"].as_u64().unwrap(), gaps[0]["to"].as_u64().unwrap());
    assert!((2..10).contains(&from) && to == 41, "{from} to {to}");
    let overview = desk.service.read_overview(&desk.founder).await.unwrap();
    assert_eq!(overview.lost_unread, to - from + 1);
}

/// As whoever owns the database could: an entry changed, every hash after it made anew, and the head with them.
async fn forge(owner: &mut PgConnection, tenant: TenantId) {
    owner.execute("begin").await.unwrap();
    owner.execute(sqlx::AssertSqlSafe(format!("set local app.tenant = '{}'", tenant.0))).await.unwrap();
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("select seq, canonical from journal order by seq").fetch_all(&mut *owner).await.unwrap();
    let mut hash = GENESIS;
    for (seq, canonical) in &rows {
        let canonical = String::from_utf8(canonical.clone()).unwrap().replace("Acme", "Evil").into_bytes();
        hash = chain(&hash, &canonical);
        sqlx::query("update journal set canonical = $2, hash = $3 where seq = $1")
            .bind(seq)
            .bind(&canonical)
            .bind(&hash[..])
            .execute(&mut *owner)
            .await
            .unwrap();
    }
    sqlx::query("update journal_head set hash = $1").bind(&hash[..]).execute(&mut *owner).await.unwrap();
    owner.execute("commit").await.unwrap();
}

#[tokio::test]
async fn a_journal_that_was_made_anew_from_end_to_end_is_not_the_one_that_the_bus_was_told_of() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    eventually("a head on the bus", async || {
        let text = said(&run(&server, &["journal", "verify"]));
        if text.contains("which the bus was told") { Ok(()) } else { Err(text) }
    })
    .await;
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    forge(&mut owner, desk.founder.tenant).await;
    // By itself it is in order, and would pass for the true one.
    JournalKeeper::new(server.owner()).verify(desk.founder.tenant, None).await.unwrap();
    let output = run(&server, &["journal", "verify"]);
    let text = said(&output);
    assert!(!output.status.success() && text.contains("another one than the bus was told of"), "{text}");
}

#[tokio::test]
async fn what_a_stream_dropped_while_nobody_read_is_told_as_a_gap() {
    let outside = Outside::start().await;
    let mut server = outside.serve(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    let account = desk.account(&server.settings()).await;
    // A stream of which nothing was read yet has nothing that could be missed.
    cso.publish("events.cso.usage.reported", &[], r#"{"usd":1}"#).await.unwrap();
    eventually("a read event", async || {
        let overview = desk.service.read_overview(&desk.founder).await.map_err(|e| e.to_string())?;
        overview.usd_today.map(drop).ok_or("none".to_owned())
    })
    .await;
    assert!(server.stop(), "{}", server.log());
    for _ in 0..7 {
        cso.publish("events.cso.note", &[], "{}").await.unwrap();
    }
    account.get_stream("EVENTS").await.unwrap().purge().await.unwrap();
    server.start_again();
    let overview = eventually("the gap on the overview", async || {
        let overview = desk.service.read_overview(&desk.founder).await.map_err(|e| e.to_string())?;
        if overview.gaps.is_empty() { Err("none".to_owned()) } else { Ok(overview) }
    })
    .await;
    let gap = &overview.gaps[0];
    assert!(gap.stream == "EVENTS" && gap.messages >= 7, "{gap:?}");
}

async fn restore(owner: &mut PgConnection, tenant: TenantId) {
    owner.execute("begin").await.unwrap();
    owner.execute(sqlx::AssertSqlSafe(format!("set local app.tenant = '{}'", tenant.0))).await.unwrap();
    owner
        .execute(
            "delete from journal; insert into journal select * from kept; delete from journal_head;
             insert into journal_head select * from kept_head; drop table kept; drop table kept_head",
        )
        .await
        .unwrap();
    owner.execute("commit").await.unwrap();
}

#[tokio::test]
async fn after_the_bus_was_wiped_every_open_task_comes_again_exactly_once() {
    let mut server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let cso = agent.connect().await;
    for n in 0..20 {
        cso.publish("tasks.cso.scan", &[], format!(r#"{{"n":{n}}}"#)).await.unwrap();
    }
    for _ in 0..5 {
        cso.take().await.ack().await.unwrap();
    }
    nak(&cso.take().await).await;
    desk.await_tasks(&[TaskState::Succeeded], 5).await;
    desk.await_tasks(&[TaskState::Queued, TaskState::Running, TaskState::Retrying], 15).await;
    drop(cso);
    assert!(server.stop());
    std::fs::remove_dir_all(server.dir.join("nats")).unwrap();
    server.start_again();

    let desk = server.set_up().await;
    let agent = stock::Agent { url: server.addresses.bus.clone(), ..agent };
    let cso = agent.connect().await;
    let mut seen = Vec::new();
    while seen.len() < 15 {
        let message = cso.take().await;
        let payload: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
        seen.push(payload["n"].as_i64().unwrap());
        message.ack().await.unwrap();
    }
    desk.await_tasks(&[TaskState::Succeeded], 20).await;
    assert!(cso.next(std::time::Duration::from_millis(500)).await.is_none(), "no task a second time");
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 15, "{seen:?}");
    assert_eq!(desk.tasks(TaskQuery::default()).await.count, 20, "no task more, none less");
}
