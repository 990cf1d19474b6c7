//! What a stock NATS client can do, and what the console makes of it.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use countersign_domain::{
    reading::{Connection, TaskQuery},
    task::{AttemptOutcome, TaskState},
};
use harness::{
    Server, eventually,
    stock::{attempt, nak},
};
use std::time::Duration;

#[tokio::test]
async fn a_published_task_and_its_ack_are_in_the_history() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;

    let payload = r#"{"task":"Scan the repository","repo":"acme/console","correlation_id":"trace-1"}"#;
    cso.publish("tasks.cso.security_scan", &[("Nats-Msg-Id", "one")], payload).await.unwrap();
    let page = desk.await_tasks(&[TaskState::Queued, TaskState::Running], 1).await;
    let row = &page.rows[0];
    assert_eq!((row.agent.as_str(), row.kind.as_str()), ("cso", "security_scan"));
    assert_eq!(row.correlation_id.as_deref(), Some("trace-1"));
    assert_eq!(row.title.as_deref(), Some("Scan the repository"));

    cso.take().await.ack().await.unwrap();
    let page = desk.await_tasks(&[TaskState::Succeeded], 1).await;
    let task = desk.task(&page.rows[0]).await;
    assert_eq!(task.attempts.len(), 1);
    assert_eq!(task.attempts[0].outcome, AttemptOutcome::Succeeded);
    assert!(task.attempts[0].started_at.is_some(), "the bus says how long the worker took");
    assert_eq!(task.message_id.as_deref(), Some("one"));
    assert_eq!(task.payload.bytes, payload.len() as u64);

    // What is recorded is acknowledged at once, though nothing comes after it.
    let account = desk.account(&server.settings()).await;
    for stream in ["TASKS", "SIGNALS"] {
        let reader = || async { account.get_stream(stream).await.unwrap().consumer_info("bridge").await.unwrap() };
        eventually("everything acknowledged", async || match reader().await.num_ack_pending {
            0 => Ok(()),
            open => Err(format!("{open} messages of {stream} are not")),
        })
        .await;
        assert_eq!(reader().await.num_redelivered, 0, "{stream}");
    }
}

#[tokio::test]
async fn a_worker_that_falls_silent_makes_its_answer_attempt_two() {
    let server = Server::start(&["--ack-wait", "1"]);
    let desk = server.set_up().await;
    let agent = desk.agent("backend", "").await;
    let first = agent.connect().await;
    first.publish("tasks.backend.build", &[], "{}").await.unwrap();
    let message = first.take().await;
    assert_eq!(attempt(&message), 1);
    drop((message, first));

    let second = agent.connect().await;
    let message = second.take().await;
    assert_eq!(attempt(&message), 2);
    message.ack().await.unwrap();
    let page = desk.await_tasks(&[TaskState::Succeeded], 1).await;
    assert_eq!(page.rows[0].attempts, 2);
    let outcomes: Vec<_> = desk.task(&page.rows[0]).await.attempts.iter().map(|a| a.outcome).collect();
    assert_eq!(outcomes, [AttemptOutcome::NoAnswer, AttemptOutcome::Succeeded]);
}

#[tokio::test]
async fn five_failures_show_as_dead_with_the_reason_of_each_attempt() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    let sequence = cso.publish("tasks.cso.security_scan", &[], r#"{"correlation_id":"t"}"#).await.unwrap();
    for n in 1..=5 {
        let message = cso.take().await;
        assert_eq!(attempt(&message), n);
        let event = format!(r#"{{"stream_seq":{sequence},"attempt":{n},"reason":"scanner crashed, time {n}"}}"#);
        cso.publish("events.cso.task.failed", &[], event).await.unwrap();
        nak(&message).await;
    }
    let page = desk.await_tasks(&[TaskState::Dead], 1).await;
    let task = eventually("the reason of each attempt", async || {
        let task = desk.task(&page.rows[0]).await;
        if task.attempts.iter().all(|a| a.reason.is_some()) { Ok(task) } else { Err(format!("{:?}", task.attempts)) }
    })
    .await;
    let told: Vec<_> = task.attempts.iter().map(|a| (a.number, a.outcome, a.reason.clone().unwrap())).collect();
    let wanted: Vec<_> = (1..=5).map(|n| (n, AttemptOutcome::Returned, format!("scanner crashed, time {n}"))).collect();
    assert_eq!(told, wanted);
    assert_eq!(task.row.reason.as_deref(), Some("scanner crashed, time 5"));
}

#[tokio::test]
async fn a_worker_that_dies_five_times_leaves_a_dead_task() {
    let server = Server::start(&["--ack-wait", "1"]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    cso.publish("tasks.cso.security_scan", &[], "{}").await.unwrap();
    for n in 1..=5 {
        assert_eq!(attempt(&cso.take().await), n);
    }
    // The bus gives up at the next request after the last wait.
    let page = eventually("the dead task", async || {
        let nothing = cso.next(Duration::from_millis(300)).await;
        assert!(nothing.is_none(), "no sixth attempt");
        let page = desk.tasks(TaskQuery { state: vec![TaskState::Dead], ..TaskQuery::default() }).await;
        if page.count == 1 { Ok(page) } else { Err("not dead".to_owned()) }
    })
    .await;
    assert_eq!(page.rows[0].attempts, 5);
    let task = desk.task(&page.rows[0]).await;
    assert!(task.attempts.iter().all(|a| a.outcome == AttemptOutcome::NoAnswer));
}

#[tokio::test]
async fn a_terminated_task_has_failed_with_its_reason() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    cso.publish("tasks.cso.security_scan", &[], "{}").await.unwrap();
    let message = cso.take().await;
    // As any client can send it: the body of the acknowledgement carries the reason.
    let reply = message.reply.clone().unwrap();
    cso.client.publish(reply, "+TERM the repository is gone".into()).await.unwrap();
    let page = desk.await_tasks(&[TaskState::Failed], 1).await;
    assert_eq!(page.rows[0].reason.as_deref(), Some("the repository is gone"));
}

#[tokio::test]
async fn what_cannot_be_understood_is_quarantined_whole_and_stops_nothing() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    let odd = [("X-Odd", "ünïcode ☃"), ("X-Odd", "twice"), ("x-empty", "")];
    cso.publish("tasks.cso.scan", &odd, "{\"broken\":").await.unwrap();
    cso.publish("tasks.cso.scan", &[], vec![0_u8, 159, 146, 150]).await.unwrap();
    cso.publish("tasks.cso.scan", &[], "").await.unwrap();
    cso.publish("tasks.cso.a.b.c", &[], "{}").await.unwrap();
    cso.publish("tasks.cso.Loud", &[], "{}").await.unwrap();
    cso.publish("tasks.cso.scan", &[], r#"{"title":"nul \u0000 inside"}"#).await.unwrap();
    cso.publish("tasks.cso.scan", &odd, r#"{"fine":true}"#).await.unwrap();

    desk.await_tasks(&[TaskState::Queued, TaskState::Running], 1).await;
    let rows = desk.service.list_quarantine(&desk.founder).await.unwrap();
    let reasons: Vec<_> = rows.iter().map(|row| row.reason.as_str()).collect();
    for wanted in ["not JSON", "not text", "empty", "5 parts", "“Loud”", "U+0000"] {
        assert!(reasons.iter().any(|reason| reason.contains(wanted)), "{wanted} in {reasons:?}");
    }
    assert_eq!(rows.len(), 6);
    let broken = rows.iter().find(|row| row.reason.contains("not JSON")).unwrap();
    assert_eq!((broken.payload.text.as_str(), broken.payload.bytes), ("{\"broken\":", 10));
    assert!(broken.headers.contains(&("X-Odd".to_owned(), "ünïcode ☃".to_owned())));
}

#[tokio::test]
async fn a_message_of_300_kib_is_refused_to_its_sender_with_the_reason() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    let payload = format!(r#"{{"x":"{}"}}"#, "y".repeat(300 * 1024));
    let error = cso.publish("tasks.cso.scan", &[], payload).await.unwrap_err().to_string();
    assert!(error.contains("maximum") || error.contains("exceeds"), "{error}");
    cso.publish("tasks.cso.scan", &[], "{}").await.expect("the connection stands");
}

#[tokio::test]
async fn a_repeated_message_id_counts_once_and_a_reused_one_for_other_work_counts_again() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    let id = [("Nats-Msg-Id", "same")];
    for _ in 0..3 {
        cso.publish("tasks.cso.scan", &id, r#"{"n":1}"#).await.unwrap();
    }
    cso.publish("tasks.cso.scan", &[], r#"{"n":2}"#).await.unwrap();
    let page = desk.await_tasks(&[TaskState::Queued, TaskState::Running], 2).await;
    assert_eq!(page.count, 2);
}

#[tokio::test]
async fn a_task_for_an_unknown_agent_is_undeliverable_and_visible() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let ceo = desk.agent("ceo", "ghost").await.connect().await;
    ceo.publish("tasks.ghost.haunt", &[], "{}").await.unwrap();
    let page = desk.await_tasks(&[TaskState::Undeliverable], 1).await;
    assert!(page.rows[0].reason.as_deref().unwrap().contains("no agent"));
}

#[tokio::test]
async fn an_agent_reaches_its_own_subjects_and_nothing_else() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.agent("backend", "").await;
    let agent = desk.agent("cso", "").await;
    let cso = agent.connect().await;
    let forbidden = [
        "tasks.backend.build",
        "events.backend.note",
        "events.countersign.note",
        "dlq.cso.scan",
        "$JS.API.STREAM.INFO.TASKS",
        "$JS.API.STREAM.DELETE.TASKS",
        "$JS.API.CONSUMER.CREATE.TASKS",
        "$JS.API.CONSUMER.INFO.TASKS.backend-agent",
        "$JS.API.CONSUMER.MSG.NEXT.TASKS.backend-agent",
        "$JS.API.CONSUMER.DELETE.TASKS.cso-agent",
        "$SYS.REQ.CLAIMS.UPDATE",
    ];
    for subject in forbidden {
        cso.client.publish(subject, "{}".into()).await.unwrap();
        cso.is_told(&format!("Publish to \"{subject}\"")).await;
    }
    for subject in [">", "tasks.>", "tasks.cso.>", "events.>", "_INBOX.>", "_INBOX_backend.>", "$JS.>"] {
        let _heard = cso.client.subscribe(subject).await.unwrap();
        cso.is_told(&format!("Subscription to \"{subject}\"")).await;
    }
    cso.publish("events.cso.note", &[], "{}").await.expect("its own events");
}

#[tokio::test]
async fn a_revoked_credential_is_cut_off_at_once_and_stays_out() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let cso = agent.connect().await;
    let row = eventually("the connection in the fleet", async || {
        let row = desk.agent_detail("cso").await;
        if matches!(row.row.connection, Connection::Connected(_)) { Ok(row) } else { Err(format!("{:?}", row.row)) }
    })
    .await;
    let id = row.credentials[0].id.parse().unwrap();
    // This desk has no line to the bus, as a replica whose bus is away: the marking must be enough.
    assert!(desk.service.revoke_credential(&desk.founder, id).await.is_err());
    cso.is_told("disconnected").await;
    assert!(agent.try_connect().await.is_err(), "it must not come back");
    eventually("the loss in the fleet", async || {
        let row = desk.agent_detail("cso").await.row;
        if matches!(row.connection, Connection::Lost(_)) { Ok(()) } else { Err(format!("{row:?}")) }
    })
    .await;
}
