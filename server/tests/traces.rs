//! A trace as one timeline: tasks, events and decisions, with costs, a page at a time.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use countersign_domain::{
    Millis, TaskId,
    breaker::BreakerState,
    reading::{Decision, DecisionRow, LetterQuery, Trace},
    task::TaskState,
};
use countersign_server::surroundings::SystemClock;
use countersign_service::{TaskForm, ports::Clock};
use harness::{Desk, Server, ask::ask, eventually, stock};
use std::collections::BTreeSet;

const TRACE: &str = "release 7/“a”";

fn form(payload: &str) -> TaskForm {
    TaskForm { agent: "cso".into(), kind: "scan".into(), payload: payload.into(), ..TaskForm::default() }
}

async fn read(desk: &Desk, trace: &str, after: &str) -> Trace {
    desk.service.read_trace(&desk.founder, trace, after).await.unwrap()
}

/// Publishes tasks of the trace and has them given up; answers their letters, oldest first.
async fn letters(desk: &Desk, cso: &stock::Connection, count: usize) -> Vec<TaskId> {
    for n in 1..=count {
        let payload = serde_json::json!({ "task": format!("Scan {n}"), "correlation_id": TRACE });
        cso.publish("tasks.cso.scan", &[], payload.to_string()).await.unwrap();
        let reply = cso.take().await.reply.clone().unwrap();
        cso.client.publish(reply, "+TERM no rules".into()).await.unwrap();
    }
    let mut found = eventually("letters", async || {
        let desk = desk.service.read_dead_letters(&desk.founder, &LetterQuery::default()).await.unwrap().letters;
        if desk.len() == count { Ok(desk) } else { Err(format!("{} letters", desk.len())) }
    })
    .await;
    found.sort_by_key(|letter| letter.title.clone());
    found.iter().map(|letter| letter.id.parse().unwrap()).collect()
}

fn word(decision: &DecisionRow) -> String {
    match &decision.what {
        Decision::TaskCreated { task } => format!("created {}", task.name),
        Decision::TaskCancelled { task } => format!("cancelled {}", task.name),
        Decision::TaskReprioritised { task, priority } => format!("{} to {priority}", task.name),
        Decision::LetterReplayed { letter, edited, .. } => format!("replayed {} {edited}", letter.name),
        Decision::ReplayStopped { letter } => format!("stopped {}", letter.name),
        Decision::LetterDismissed { letter } => format!("dismissed {}", letter.name),
        Decision::MessageRequeued { task } => format!("requeued {}", task.name),
        Decision::BreakerMoved { agent, state } => format!("{agent} {state:?}"),
    }
}

#[tokio::test]
async fn a_trace_shows_what_was_decided_by_whom_and_why_beside_its_tasks_and_events() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let (service, founder) = (&desk.service, &desk.founder);
    let cso = desk.agent("cso", "").await.connect().await;

    let due = Some(Millis(SystemClock.now().0 + 3_600_000));
    let put_off = TaskForm { not_before: due, correlation_id: TRACE.into(), ..form(r#"{"task":"Scan later"}"#) };
    let put_off = service.create_task(founder, put_off).await.unwrap();
    service.reprioritise_task(founder, put_off, 7).await.unwrap();
    // Words that look like an entry's own are words.
    let why = r#"Not now: "task":"0190f0f0-0000-7000-8000-000000000000""#;
    service.cancel_task(founder, put_off, why).await.unwrap();
    // An act on another trace.
    let other = TaskForm { not_before: due, correlation_id: "other".into(), ..form("{}") };
    service.create_task(founder, other).await.unwrap();

    let letters = letters(&desk, &cso, 4).await;
    service.dismiss_letter(founder, letters[0], "The repository is gone").await.unwrap();
    let payload = serde_json::json!({ "task": "Scan 2 again", "correlation_id": TRACE }).to_string();
    let replay = service.replay_letter(founder, letters[1], Some(&payload)).await.unwrap();
    let both = LetterQuery { ids: letters[2..].iter().map(ToString::to_string).collect(), ..LetterQuery::default() };
    let (run, _) = service.replay_letters(founder, &both, 1, 2).await.unwrap();
    assert!(service.stop_replay(founder, run).await.unwrap() >= 1, "the second goes out a second later");

    cso.publish("tasks.cso.scan", &[], "broken").await.unwrap();
    let kept = eventually("a message in quarantine", async || {
        service.list_quarantine(founder).await.unwrap().pop().ok_or("none".to_owned())
    })
    .await;
    let mended = serde_json::json!({ "task": "Mended", "correlation_id": TRACE }).to_string();
    service.requeue_message(founder, kept.id.parse().unwrap(), form(&mended)).await.unwrap();

    let trace = read(&desk, TRACE, "").await;
    let words: Vec<String> = trace.decisions.iter().map(word).collect();
    let stopped = words.iter().filter(|word| word.starts_with("stopped")).count();
    let mut expected = vec![
        "created Scan later",
        "Scan later to 7",
        "cancelled Scan later",
        "dismissed Scan 1",
        "replayed Scan 2 true",
        "replayed Scan 3 false",
        "replayed Scan 4 false",
    ];
    expected.extend(if stopped == 2 { vec!["stopped Scan 3", "stopped Scan 4"] } else { vec!["stopped Scan 4"] });
    expected.push("requeued Mended");
    assert_eq!(words, expected);
    assert_eq!(trace.decision_count, words.len() as u64);
    assert!(trace.decisions.iter().all(|decision| decision.by.as_deref() == Some("Ada")));
    let reasons: Vec<&str> = trace.decisions.iter().filter_map(|decision| decision.reason.as_deref()).collect();
    assert_eq!(reasons, [why, "The repository is gone"]);
    assert!(trace.decisions.is_sorted_by_key(|decision| decision.entry));
    let Decision::LetterReplayed { replay: shown, .. } = &trace.decisions[4].what else { panic!("{words:?}") };
    assert_eq!(*shown, replay.to_string());
    let entry = service.read_entry(founder, trace.decisions[3].entry).await.unwrap();
    assert_eq!((entry.kind.as_str(), entry.at), ("letter.dismissed", trace.decisions[3].at));
    assert!(entry.text.text.contains("The repository is gone") && entry.hash.len() == 64);

    let cookie = desk.cookie().await;
    let page = ask(&server, "GET", "/t/acme/traces/release%207%2F%E2%80%9Ca%E2%80%9D", &[("Cookie", &cookie)], "");
    assert_eq!(page.status, 200, "{}", page.head);
    assert_eq!(page.body.matches("data-testid=\"trace-decision\"").count(), words.len());
    assert!(page.body.contains("The repository is gone") && !page.body.contains("trace-next"));
    let number = trace.decisions[3].entry;
    assert!(page.body.contains(&format!("/t/acme/journal/{number}\"")));
    let page = ask(&server, "GET", &format!("/t/acme/journal/{number}"), &[("Cookie", &cookie)], "");
    assert!(page.status == 200 && page.body.contains("letter.dismissed"), "{}", page.head);
    let beyond = entry.newest + 1_000;
    assert_eq!(ask(&server, "GET", &format!("/t/acme/journal/{beyond}"), &[("Cookie", &cookie)], "").status, 404);
}

#[tokio::test]
async fn a_long_trace_is_read_a_page_at_a_time_and_says_what_opened_a_breaker() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    for n in 0..130 {
        let payload = serde_json::json!({ "task": format!("Turn {n}"), "correlation_id": TRACE }).to_string();
        cso.publish("tasks.cso.scan", &[], payload.clone()).await.unwrap();
        if n % 2 == 0 {
            cso.publish("events.cso.turned", &[], payload).await.unwrap();
        }
    }
    let first = eventually("the whole trace", async || {
        let trace = desk.service.read_trace(&desk.founder, TRACE, "").await.map_err(|error| error.to_string())?;
        let whole = (trace.task_count, trace.event_count, trace.decision_count) == (130, 65, 1);
        if whole { Ok(trace) } else { Err(format!("{} and {}", trace.task_count, trace.event_count)) }
    })
    .await;
    assert!(first.next.is_none(), "196 steps are one page");
    let opened = &first.decisions[0];
    assert_eq!(word(opened), format!("cso {:?}", BreakerState::Open));
    assert!(opened.by.is_none() && opened.reason.as_ref().unwrap().contains(TRACE), "{opened:?}");
    assert!(desk.service.read_trace(&desk.founder, "release", "").await.is_err(), "a part of a name is no name");

    for n in 0..120 {
        let payload = serde_json::json!({ "n": n, "correlation_id": TRACE }).to_string();
        cso.publish("events.cso.noted", &[], payload).await.unwrap();
    }
    eventually("all events", async || {
        let count = read(&desk, TRACE, "").await.event_count;
        if count == 185 { Ok(()) } else { Err(format!("{count} events")) }
    })
    .await;
    let (mut steps, mut times, mut after, mut pages) = (BTreeSet::new(), Vec::new(), String::new(), Vec::new());
    loop {
        let page = read(&desk, TRACE, &after).await;
        let mut here: Vec<(Millis, String)> =
            page.tasks.iter().map(|task| (task.row.created_at, task.row.id.clone())).collect();
        here.extend(page.events.iter().map(|event| (event.at, format!("{} {}", event.topic, event.excerpt))));
        here.extend(page.decisions.iter().map(|decision| (decision.at, format!("entry {}", decision.entry))));
        here.sort();
        times.extend(here.iter().map(|(at, _)| *at));
        pages.push(here.len());
        for (_, step) in here {
            assert!(steps.insert(step.clone()), "{step} is on two pages");
        }
        assert_eq!((page.is_later, page.task_count, page.event_count), (!after.is_empty(), 130, 185));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!((pages, steps.len()), (vec![200, 116], 316));
    assert!(times.is_sorted(), "page by page in order of time");

    let cookie = desk.cookie().await;
    let address = "/t/acme/traces/release%207%2F%E2%80%9Ca%E2%80%9D";
    let page = ask(&server, "GET", address, &[("Cookie", &cookie)], "").body;
    assert!(page.contains("200 of 316 steps are on this page") && page.contains("Show the next "), "the way on");
    let next = page.split("?after=").nth(1).unwrap().split('"').next().unwrap();
    let page = ask(&server, "GET", &format!("{address}?after={next}"), &[("Cookie", &cookie)], "").body;
    assert!(page.contains("116 of 316 steps are on this page") && page.contains("Show the first "), "the way back");
    assert!(!page.contains("Show the next "));
}

#[tokio::test]
async fn a_trace_counts_costs_that_name_no_task_and_none_of_them_twice() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "devops").await.connect().await;
    let devops = desk.agent("devops", "").await.connect().await;
    let sequence = cso.publish("tasks.cso.scan", &[], r#"{"correlation_id":"t"}"#).await.unwrap();
    let message = cso.take().await;
    let about = format!(r#"{{"usd":0.5,"stream_seq":{sequence},"attempt":1,"correlation_id":"t"}}"#);
    cso.publish("events.cso.usage.reported", &[], about).await.unwrap();
    // Somebody else's word about that task is not the task's cost, but it is the trace's.
    let other = format!(r#"{{"usd":0.125,"stream_seq":{sequence},"correlation_id":"t"}}"#);
    devops.publish("events.devops.usage.reported", &[], other).await.unwrap();
    cso.publish("events.cso.usage.reported", &[], r#"{"usd":0.25,"correlation_id":"t"}"#).await.unwrap();
    cso.publish("events.cso.note", &[], r#"{"usd":9,"correlation_id":"t"}"#).await.unwrap();
    message.ack().await.unwrap();
    let trace = eventually("all costs", async || {
        let trace = desk.service.read_trace(&desk.founder, "t", "").await.map_err(|error| error.to_string())?;
        let task = trace.tasks.first().filter(|task| task.row.state == TaskState::Succeeded);
        if trace.event_count == 4 && task.is_some_and(|task| task.row.usd.is_some()) {
            Ok(trace)
        } else {
            Err(format!("{trace:?}"))
        }
    })
    .await;
    assert_eq!(trace.tasks[0].row.usd, Some(0.5));
    assert_eq!(trace.usd, Some(0.875));
    let costs: BTreeSet<String> = trace.events.iter().map(|event| format!("{:?}", event.usd)).collect();
    assert_eq!(costs.into_iter().collect::<Vec<_>>(), ["None", "Some(0.125)", "Some(0.25)", "Some(0.5)"]);
    let cookie = desk.cookie().await;
    let page = ask(&server, "GET", "/t/acme/traces/t", &[("Cookie", &cookie)], "").body;
    assert_eq!(page.matches("data-testid=\"event-cost\"").count(), 3);
    assert!(page.contains("$0.8750") && page.contains("$0.1250"), "the whole and its parts");
}
