//! What a founder does to work, and what becomes of work that goes wrong.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use countersign_domain::{
    Millis, TaskId,
    breaker::BreakerState,
    letter::{LetterCause, LetterState},
    reading::{LetterQuery, TaskQuery},
    task::TaskState,
};
use countersign_server::surroundings::SystemClock;
use countersign_service::{Error, TaskForm, ports::Clock};
use harness::{
    Desk, Server, eventually,
    stock::{self, attempt, nak},
};
use sqlx::{Connection, PgConnection};
use std::time::Duration;

fn form(agent: &str, payload: &str) -> TaskForm {
    TaskForm { agent: agent.into(), kind: "scan".into(), payload: payload.into(), ..TaskForm::default() }
}

async fn reaches(desk: &Desk, id: TaskId, state: TaskState) {
    eventually(&format!("the task {state:?}"), async || {
        let task = desk.service.read_task(&desk.founder, id).await.map_err(|e| e.to_string())?;
        if task.row.state == state { Ok(()) } else { Err(format!("{:?}: {:?}", task.row.state, task.row.reason)) }
    })
    .await;
}

/// Publishes a task and returns it until it is dead.
async fn kill_task(connection: &stock::Connection, payload: &str) {
    connection.publish("tasks.cso.scan", &[], payload).await.unwrap();
    for _ in 0..5 {
        nak(&connection.take().await).await;
    }
}

/// Waits until the bus hands out nothing of the agent's queue.
async fn is_paused(connection: &stock::Connection) {
    eventually("a queue that is not handed out", async || {
        let queue = connection.queue().await?.get_info().await.map_err(|e| e.to_string())?;
        if queue.paused { Ok(()) } else { Err("handed out".to_owned()) }
    })
    .await;
}

#[tokio::test]
async fn a_founders_task_goes_to_its_agent_signed_by_the_server() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    let id = desk.service.create_task(&desk.founder, form("cso", r#"{"task":"Scan it"}"#)).await.unwrap();
    let message = cso.take().await;
    assert_eq!(message.subject.as_str(), "tasks.cso.scan");
    reaches(&desk, id, TaskState::Running).await;
    message.ack().await.unwrap();
    reaches(&desk, id, TaskState::Succeeded).await;
    let task = desk.service.read_task(&desk.founder, id).await.unwrap();
    assert_eq!((task.claimed_sender.as_deref(), task.sender_verified), (Some("countersign"), true));
    assert_eq!(desk.tasks(TaskQuery::default()).await.count, 1, "the message is the task, not another one");
}

#[tokio::test]
async fn a_scheduled_task_waits_for_its_moment_and_the_most_urgent_goes_first() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    let due = Millis(SystemClock.now().0 + 1_500);
    for priority in [1, 9, 5] {
        let payload = format!(r#"{{"priority":{priority}}}"#);
        let form = TaskForm { not_before: Some(due), priority, ..form("cso", &payload) };
        desk.service.create_task(&desk.founder, form).await.unwrap();
    }
    let later = TaskForm { not_before: Some(due), ..form("cso", r#"{"priority":"raised"}"#) };
    let raised = desk.service.create_task(&desk.founder, later).await.unwrap();
    desk.service.reprioritise_task(&desk.founder, raised, 7).await.unwrap();
    let waiting = desk.tasks(TaskQuery { state: vec![TaskState::Scheduled], ..TaskQuery::default() }).await;
    assert_eq!(waiting.count, 4);
    let mut order = Vec::new();
    for _ in 0..4 {
        let message = cso.take().await;
        assert!(SystemClock.now() >= due, "not before its moment");
        let payload: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
        order.push(payload["priority"].to_string());
        message.ack().await.unwrap();
    }
    assert_eq!(order, ["9", "\"raised\"", "5", "1"]);
    let error = desk.service.reprioritise_task(&desk.founder, raised, 3).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error}");
}

#[tokio::test]
async fn a_cancelled_task_leaves_the_queue_and_stays_cancelled() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    let first = desk.service.create_task(&desk.founder, form("cso", "{}")).await.unwrap();
    reaches(&desk, first, TaskState::Queued).await;
    desk.service.cancel_task(&desk.founder, first, "not needed any more").await.unwrap();
    reaches(&desk, first, TaskState::Cancelled).await;
    let second = desk.service.create_task(&desk.founder, form("cso", r#"{"second":true}"#)).await.unwrap();
    let message = eventually("the second task alone", async || {
        let message = cso.take().await;
        if message.payload.windows(6).any(|part| part == b"second") { Ok(message) } else { Err("the first".to_owned()) }
    })
    .await;
    message.ack().await.unwrap();
    reaches(&desk, second, TaskState::Succeeded).await;
    let task = desk.service.read_task(&desk.founder, first).await.unwrap();
    assert_eq!(task.row.state, TaskState::Cancelled);
    assert_eq!(task.closed.unwrap().reason.as_deref(), Some("not needed any more"));
    let error = desk.service.cancel_task(&desk.founder, second, "").await.unwrap_err();
    assert!(matches!(&error, Error::Conflict(text) if text.contains("succeeded")), "{error}");
}

#[tokio::test]
async fn what_cannot_be_a_task_is_refused_with_its_field() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    let past = Millis(SystemClock.now().0 - 3_600_000);
    let wrong = [
        ("payload", form("cso", "{\"broken\":")),
        ("payload", form("cso", "[1]")),
        ("priority", TaskForm { priority: -1, ..form("cso", "{}") }),
        ("priority", TaskForm { priority: 10, ..form("cso", "{}") }),
        ("not_before", TaskForm { not_before: Some(past), ..form("cso", "{}") }),
        ("agent", form("Not a name", "{}")),
        ("kind", TaskForm { kind: "a.b".into(), ..form("cso", "{}") }),
    ];
    for (wanted, form) in wrong {
        match desk.service.create_task(&desk.founder, form).await {
            Err(Error::Invalid { field, .. }) => assert_eq!(field, wanted),
            other => panic!("{wanted}: {other:?}"),
        }
    }
    let error = desk.service.create_task(&desk.founder, form("ghost", "{}")).await.unwrap_err();
    assert!(matches!(&error, Error::Conflict(text) if text.contains("no agent “ghost”")), "{error}");
    assert_eq!(desk.tasks(TaskQuery::default()).await.count, 0, "nothing was made");
}

#[tokio::test]
async fn a_dead_letter_is_done_again_once_and_closes_when_that_succeeds() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    cso.publish("tasks.cso.scan", &[], r#"{"good":1,"n":1}"#).await.unwrap();
    cso.take().await.ack().await.unwrap();
    kill_task(&cso, r#"{"correlation_id":"t","n":2}"#).await;
    let dead = desk.await_tasks(&[TaskState::Dead], 1).await.rows.remove(0);
    let id: TaskId = dead.id.parse().unwrap();
    // Somebody waits for it.
    cso.publish("tasks.cso.report", &[], r#"{"correlation_id":"t"}"#).await.unwrap();

    let letter = eventually("the letter with what it blocks", async || {
        let letter = desk.service.read_dead_letter(&desk.founder, id).await.map_err(|e| e.to_string())?;
        if letter.blocked_count == 1 { Ok(letter) } else { Err(format!("{}", letter.blocked_count)) }
    })
    .await;
    assert_eq!((letter.letter.cause, letter.attempts.len(), letter.alike), (LetterCause::Exhausted, 5, 1));
    let diff = &letter.last_good.as_ref().unwrap().diff;
    assert!(diff.iter().any(|line| line.text.contains("correlation_id")), "{diff:?}");

    let error = desk.service.replay_letter(&desk.founder, id, Some("{\"broken\":")).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { field: "payload", .. }), "{error}");
    let again = desk.service.replay_letter(&desk.founder, id, Some(r#"{"correlation_id":"t","n":3}"#)).await.unwrap();
    let error = desk.service.replay_letter(&desk.founder, id, None).await.unwrap_err();
    assert!(matches!(&error, Error::Conflict(text) if text.contains("replayed already")), "{error}");
    let replayed = eventually("the replay", async || {
        let message = cso.take().await;
        let is_it = message.payload.windows(5).any(|part| part == b"\"n\":3");
        message.ack().await.unwrap();
        if is_it { Ok(()) } else { Err("another".to_owned()) }
    });
    replayed.await;
    reaches(&desk, again, TaskState::Succeeded).await;
    let letter = desk.service.read_dead_letter(&desk.founder, id).await.unwrap().letter;
    assert_eq!(letter.state, LetterState::Replayed);
    let (old, new) = (desk.task(&dead).await, desk.service.read_task(&desk.founder, again).await.unwrap());
    assert_eq!(old.row.state, TaskState::Replayed);
    assert_eq!(old.replayed_as, Some(again.to_string()));
    assert_eq!(new.replay_of, Some(dead.id));
}

#[tokio::test]
async fn a_dismissed_letter_cannot_be_replayed() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    kill_task(&cso, "{}").await;
    let dead = desk.await_tasks(&[TaskState::Dead], 1).await.rows.remove(0);
    let id: TaskId = dead.id.parse().unwrap();
    let error = desk.service.dismiss_letter(&desk.founder, id, " ").await.unwrap_err();
    assert!(matches!(error, Error::Invalid { field: "reason", .. }), "{error}");
    desk.service.dismiss_letter(&desk.founder, id, "the repository is gone").await.unwrap();
    for error in [
        desk.service.replay_letter(&desk.founder, id, None).await.unwrap_err(),
        desk.service.dismiss_letter(&desk.founder, id, "again").await.unwrap_err(),
    ] {
        assert!(matches!(&error, Error::Conflict(text) if text.contains("dismissed")), "{error}");
    }
    let task = desk.task(&dead).await;
    assert_eq!(task.row.state, TaskState::Dismissed);
    assert_eq!(task.closed.unwrap().by, "Ada");
}

#[tokio::test]
async fn letters_are_replayed_by_error_at_a_rate_and_the_rest_can_be_called_off() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    for n in 0..4 {
        cso.publish("tasks.cso.scan", &[], format!(r#"{{"n":{n}}}"#)).await.unwrap();
        let message = cso.take().await;
        let reply = message.reply.clone().unwrap();
        cso.client.publish(reply, format!("+TERM no rules for case {n}").into()).await.unwrap();
    }
    desk.await_tasks(&[TaskState::Failed], 4).await;
    let letters = desk.service.read_dead_letters(&desk.founder, &LetterQuery::default()).await.unwrap();
    assert_eq!((letters.groups.len(), letters.waiting), (1, 4), "one error: {:?}", letters.groups);
    let query = LetterQuery { fingerprint: Some(letters.groups[0].fingerprint.clone()), ..LetterQuery::default() };
    let preview = desk.service.preview_replay(&desk.founder, &query, 1).await.unwrap();
    assert_eq!((preview.count, preview.seconds), (4, 3));
    let error = desk.service.replay_letters(&desk.founder, &query, 1, 3).await.unwrap_err();
    assert!(matches!(&error, Error::Conflict(text) if text.contains("4 letters match now")), "{error}");
    let (run, count) = desk.service.replay_letters(&desk.founder, &query, 1, 4).await.unwrap();
    assert_eq!(count, 4);
    cso.take().await.ack().await.unwrap();
    let stopped = desk.service.stop_replay(&desk.founder, run).await.unwrap();
    assert!((2..=3).contains(&stopped), "{stopped} of 3 had not gone out");
    let letters = desk.service.read_dead_letters(&desk.founder, &LetterQuery::default()).await.unwrap();
    assert_eq!(letters.waiting, stopped, "what was called off waits again");
    assert_eq!((letters.runs[0].total, letters.runs[0].stopped), (4, stopped));
    eventually("what was in the relay's hand on the bus", async || {
        let letters = desk.service.read_dead_letters(&desk.founder, &LetterQuery::default()).await;
        let scheduled = letters.map_err(|e| e.to_string())?.runs[0].scheduled;
        if scheduled == 0 { Ok(()) } else { Err(format!("{scheduled} are not")) }
    })
    .await;
}

#[tokio::test]
async fn five_bad_ends_open_the_breaker_and_one_good_task_closes_it() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    for n in 0..5 {
        cso.publish("tasks.cso.scan", &[], format!(r#"{{"n":{n}}}"#)).await.unwrap();
        let reply = cso.take().await.reply.clone().unwrap();
        cso.client.publish(reply, "+TERM the model is away".into()).await.unwrap();
    }
    let breaker = async || desk.agent_detail("cso").await.row.breaker;
    let stands = async |state: BreakerState| {
        eventually(&format!("a breaker {state:?}"), async || {
            let breaker = breaker().await;
            if breaker.state == state { Ok(()) } else { Err(format!("{breaker:?}")) }
        })
        .await;
    };
    stands(BreakerState::Open).await;
    assert!(breaker().await.cause.unwrap().contains("the model is away"));
    let overview = desk.service.read_overview(&desk.founder).await.unwrap();
    assert_eq!(overview.open_breakers, ["cso"]);
    // Nothing is handed out, and nothing is refused to those who publish.
    is_paused(&cso).await;
    cso.publish("tasks.cso.scan", &[], r#"{"after":1}"#).await.unwrap();
    cso.publish("tasks.cso.scan", &[], r#"{"after":2}"#).await.unwrap();
    assert!(cso.next(Duration::from_millis(400)).await.is_none());

    // Its time comes: one task is let through.
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    sqlx::query("update breaker set until_ms = 1").execute(&mut owner).await.unwrap();
    stands(BreakerState::HalfOpen).await;
    let message = cso.take().await;
    assert!(cso.next(Duration::from_millis(400)).await.is_none(), "one at a time");
    message.ack().await.unwrap();
    stands(BreakerState::Closed).await;
    cso.take().await.ack().await.unwrap();
    desk.await_tasks(&[TaskState::Succeeded], 2).await;
}

#[tokio::test]
async fn a_paused_agent_gets_nothing_until_it_is_resumed() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    let agent = "cso".parse().unwrap();
    desk.service.pause_agent(&desk.founder, &agent, "the budget is used up").await.unwrap();
    let error = desk.service.pause_agent(&desk.founder, &agent, "again").await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error}");
    let row = desk.agent_detail("cso").await.row;
    assert_eq!(row.paused.unwrap().reason.as_deref(), Some("the budget is used up"));
    is_paused(&cso).await;
    cso.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    assert!(cso.next(Duration::from_millis(400)).await.is_none());
    desk.service.resume_agent(&desk.founder, &agent).await.unwrap();
    cso.take().await.ack().await.unwrap();
    desk.await_tasks(&[TaskState::Succeeded], 1).await;
}

#[tokio::test]
async fn a_loop_of_tasks_opens_the_breaker() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    for n in 0..110 {
        let payload = format!(r#"{{"correlation_id":"endless","n":{n}}}"#);
        cso.publish("tasks.cso.scan", &[], payload).await.unwrap();
    }
    eventually("an open breaker", async || {
        let breaker = desk.agent_detail("cso").await.row.breaker;
        match (breaker.state, breaker.cause) {
            (BreakerState::Open, Some(cause)) if cause.contains("a loop") => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
}

#[tokio::test]
async fn a_quarantined_message_is_mended_or_dismissed_once() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    cso.publish("tasks.cso.scan", &[], r#"{"repo":"acme""#).await.unwrap();
    cso.publish("tasks.cso.scan", &[], "nonsense").await.unwrap();
    let rows = eventually("two messages in quarantine", async || {
        let rows = desk.service.list_quarantine(&desk.founder).await.map_err(|e| e.to_string())?;
        if rows.len() == 2 { Ok(rows) } else { Err(format!("{}", rows.len())) }
    })
    .await;
    let broken = rows.iter().find(|row| row.editable.as_deref() == Some(r#"{"repo":"acme""#)).unwrap();
    let other = rows.iter().find(|row| row.id != broken.id).unwrap();
    let (broken, other) = (broken.id.parse().unwrap(), other.id.parse().unwrap());
    let task = desk.service.requeue_message(&desk.founder, broken, form("cso", r#"{"repo":"acme"}"#)).await.unwrap();
    desk.service.dismiss_message(&desk.founder, other, "a test by hand").await.unwrap();
    for id in [broken, other] {
        let error = desk.service.dismiss_message(&desk.founder, id, "again").await.unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{error}");
    }
    cso.take_task().await.ack().await.unwrap();
    reaches(&desk, task, TaskState::Succeeded).await;
    assert!(desk.service.list_quarantine(&desk.founder).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_trace_shows_its_tasks_and_events_across_agents() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "devops").await.connect().await;
    let devops = desk.agent("devops", "").await.connect().await;
    let sequence = cso.publish("tasks.cso.scan", &[], r#"{"correlation_id":"release-7"}"#).await.unwrap();
    let message = cso.take().await;
    cso.publish("tasks.devops.rotate", &[], r#"{"correlation_id":"release-7"}"#).await.unwrap();
    let usage = format!(r#"{{"usd":0.25,"stream_seq":{sequence},"attempt":1,"correlation_id":"release-7"}}"#);
    cso.publish("events.cso.usage.reported", &[], usage).await.unwrap();
    message.ack().await.unwrap();
    nak(&devops.take().await).await;
    let second = devops.take().await;
    assert_eq!(attempt(&second), 2);
    second.ack().await.unwrap();
    desk.await_tasks(&[TaskState::Succeeded], 2).await;
    let trace = eventually("the whole trace", async || {
        let trace = desk.service.read_trace(&desk.founder, "release-7", "").await.map_err(|e| e.to_string())?;
        if trace.ended_at.is_some() && trace.usd.is_some() { Ok(trace) } else { Err(format!("{trace:?}")) }
    })
    .await;
    assert_eq!(trace.agents, ["cso", "devops"]);
    assert_eq!((trace.task_count, trace.event_count, trace.open), (2, 1, 0));
    assert_eq!(trace.tasks[1].attempts.len(), 2);
    assert_eq!(trace.usd, Some(0.25));
    let error = desk.service.read_trace(&desk.founder, "nothing", "").await.unwrap_err();
    assert!(matches!(error, Error::NotFound), "{error}");
}
