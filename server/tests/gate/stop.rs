//! The emergency stop: of one agent, and of all.

use crate::{
    harness::{eventually, web},
    place::{Place, conflict, hash_of, mission},
};
use countersign_domain::{Actor, Millis, TaskId, reading::TaskQuery, review::ReviewState};
use countersign_service::{Error, TaskForm};

const HOUR_MS: i64 = 3_600_000;

/// A task for the agent, to come in so many hours.
async fn later(place: &Place, agent: &str, hours: i64) -> TaskId {
    later_ms(place, agent, hours * HOUR_MS).await
}

/// The same in so many milliseconds.
async fn later_ms(place: &Place, agent: &str, ms: i64) -> TaskId {
    let proven = place.desk.proven();
    let form = TaskForm {
        agent: agent.to_owned(),
        kind: "fix_bug".to_owned(),
        payload: r#"{"task":"Later"}"#.to_owned(),
        not_before: Some(Millis(proven.proven_at.0 + ms)),
        ..TaskForm::default()
    };
    place.desk.service.create_task(&proven, form).await.unwrap()
}

async fn not_before(place: &Place, task: TaskId) -> i64 {
    place.desk.service.read_task(&place.desk.proven(), task).await.unwrap().not_before.expect("it is to come later").0
}

/// When its message is to go to the bus.
async fn due(place: &mut Place, task: TaskId) -> i64 {
    place.number(&format!("select due_ms from outbox where task_id = '{task}' and sent_ms is null")).await
}

/// Whether the agent's queue hands out nothing.
async fn is_paused(place: &Place, agent: &str) -> bool {
    place.desk.agent_detail(agent).await.row.paused.is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_of_one_agent_ends_what_it_may_and_gives_its_time_back() {
    let mut place = Place::start().await;
    let text = mission("backend", "Build the API.");
    let review = place.approved(&text).await;
    let backend = place.agent("backend").await;
    let frontend = place.desk.agent("frontend", "").await;
    let (client, other) = (backend.connect().await, frontend.connect().await);
    let token = web::token(&place.server.addresses.console, &backend.creds).await;
    let (own, theirs) = (later(&place, "backend", 2).await, later(&place, "frontend", 2).await);
    let (own_before, theirs_before) = (not_before(&place, own).await, not_before(&place, theirs).await);

    let answer = place.form("/api/agent/stop", "name=backend&reason=It+writes+nonsense").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    client.is_told("disconnected").await;
    assert!(backend.try_connect().await.is_err());
    other.publish("tasks.frontend.draw", &[], "{}").await.expect("others go on");
    let detail = place.desk.agent_detail("backend").await;
    let stop = detail.stopped.expect("it is stopped");
    assert_eq!((stop.by.as_str(), stop.reason.as_str()), ("Ada", "It writes nonsense"));
    assert!(detail.row.paused.unwrap().reason.unwrap().contains("It writes nonsense"));
    assert!(!is_paused(&place, "frontend").await);
    assert_eq!(place.review(review).await.row.state, ReviewState::Approved, "a stop is no decision about a review");

    // Nothing new while it holds, from nobody.
    let words = conflict(place.issue("backend").await);
    assert!(words.contains("stopped in an emergency"), "{words}");
    assert_eq!(place.renew(&backend.creds, &token).await, Err((401, "unproven".to_owned())));
    let newer = place.propose(&mission("backend", "Build the API well.")).await;
    place.desk.approve(newer).await;
    conflict(place.issue("backend").await);
    let again = place.form("/api/agent/stop", "name=backend&reason=Again").await;
    assert!(again.status == 409 && again.body.contains("stopped already"), "{} {}", again.status, again.body);
    let frontends = place.form("/api/agent/lift", "name=frontend").await;
    assert_eq!(frontends.status, 409, "{}", frontends.body);

    // What pauses it is the stop: nobody gets around that by resuming, whoever they are.
    let resumed = place.form("/api/agent/resume", "name=backend").await;
    assert!(resumed.status == 409 && resumed.body.contains("stopped in an emergency"), "{}", resumed.body);

    // What comes meanwhile waits, and what was to come meanwhile: on the bus, and here.
    let (soon, made) = (later_ms(&place, "backend", 300).await, later(&place, "backend", 2).await);
    let (soon_before, made_before) = (not_before(&place, soon).await, not_before(&place, made).await);
    let bridge = place.desk.account(&place.server.settings()).await;
    bridge.client().publish("tasks.backend.fix_bug", r#"{"task":"Meanwhile"}"#.into()).await.unwrap();
    let elsewhere = later_ms(&place, "frontend", 300).await;
    let on_the_bus = async |place: &mut Place, what: String| {
        place.number(&format!("select count(*) from task where sequence is not null and {what}")).await
    };
    eventually("another agent's task that was due after it", async || {
        let there = on_the_bus(&mut place, format!("id = '{elsewhere}'")).await;
        if there == 1 { Ok(()) } else { Err("it is not on the bus".to_owned()) }
    })
    .await;
    assert_eq!(on_the_bus(&mut place, format!("id in ('{soon}', '{own}', '{made}')")).await, 0);

    // As if an hour had passed since the stop, and more since the first tasks were made.
    place.sql(&format!("update emergency_stop set at_ms = at_ms - {HOUR_MS}")).await;
    place
        .sql(&format!("update task set created_ms = created_ms - 2 * {HOUR_MS} where id in ('{own}', '{theirs}')"))
        .await;
    let since = place.number("select at_ms from emergency_stop where agent = 'backend'").await;
    let answer = place.form("/api/agent/lift", "name=backend").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let lifted = place.number("select at_ms from journal where kind = 'fleet.stop_lifted'").await;
    assert!(lifted - since >= HOUR_MS);
    assert_eq!(not_before(&place, own).await - own_before, lifted - since, "by exactly the time that clocks stood");
    assert_eq!(not_before(&place, theirs).await, theirs_before);
    assert_eq!(due(&mut place, own).await, not_before(&place, own).await);
    assert_eq!(due(&mut place, theirs).await, theirs_before);
    for (task, before) in [(soon, soon_before), (made, made_before)] {
        let created = place.number(&format!("select created_ms from task where id = '{task}'")).await;
        assert_eq!(not_before(&place, task).await - before, lifted - created, "clocks stood for it since it was made");
    }
    assert_eq!(due(&mut place, made).await, not_before(&place, made).await);
    assert!(!is_paused(&place, "backend").await && place.desk.agent_detail("backend").await.stopped.is_none());

    // Credentials that ended stay ended; a new one is of what is approved now.
    assert!(backend.try_connect().await.is_err());
    let back = place.agent("backend").await;
    assert_eq!(place.role_of(&back.creds).await, hash_of(&mission("backend", "Build the API well.")));
    let message = back.connect().await.take_task().await;
    assert!(String::from_utf8_lossy(&message.payload).contains("Meanwhile"), "{message:?}");
    let gone = place.form("/api/agent/lift", "name=backend").await;
    assert!(gone.status == 409 && gone.body.contains("nothing to lift"), "{} {}", gone.status, gone.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_of_all_agents_resumes_those_alone_that_it_has_paused() {
    let mut place = Place::start().await;
    let mut agents = Vec::new();
    for name in ["backend", "frontend", "legal"] {
        agents.push(place.desk.agent(name, "").await);
    }
    let service = &place.desk.service;
    service.pause_agent(&place.desk.proven(), &"legal".parse().unwrap(), "On holiday").await.unwrap();
    // One of them is stopped by itself before.
    let first = later(&place, "frontend", 2).await;
    let first_before = not_before(&place, first).await;
    let answer = place.form("/api/agent/stop", "name=frontend&reason=First").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut clients = Vec::new();
    for agent in [&agents[0], &agents[2]] {
        clients.push(agent.connect().await);
    }
    let tasks = [later(&place, "backend", 2).await, later(&place, "legal", 3).await];
    let before = [not_before(&place, tasks[0]).await, not_before(&place, tasks[1]).await];

    let answer = place.form("/api/fleet/stop", "reason=Everything+burns").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for client in &clients {
        client.is_told("disconnected").await;
    }
    for agent in &agents {
        assert!(agent.try_connect().await.is_err());
        conflict(place.issue(agent.name.as_str()).await);
        assert!(is_paused(&place, agent.name.as_str()).await);
    }
    let fleet = place.desk.service.read_fleet(&place.desk.proven()).await.unwrap();
    assert_eq!(fleet.stopped.expect("all are stopped").reason, "Everything burns");
    assert_eq!(place.number("select count(*) from credential where revoked_ms is null").await, 0);
    // An agent that comes now is stopped like all others.
    let review = place.propose(&mission("marketing", "Write.")).await;
    place.desk.approve(review).await;
    conflict(place.issue("marketing").await);

    let again = place.form("/api/fleet/stop", "reason=Again").await;
    assert!(again.status == 409 && again.body.contains("stopped already"), "{} {}", again.status, again.body);
    // One can be singled out meanwhile, once.
    assert_eq!(place.form("/api/agent/stop", "name=legal&reason=It+stays").await.status, 200);
    let twice = place.form("/api/agent/stop", "name=legal&reason=Again").await;
    assert!(twice.status == 409 && twice.body.contains("legal is stopped already"), "{} {}", twice.status, twice.body);
    let alone = place.form("/api/agent/lift", "name=backend").await;
    assert!(alone.status == 409 && alone.body.contains("whole fleet"), "{} {}", alone.status, alone.body);
    assert_eq!(place.number("select count(*) from journal where kind = 'fleet.stopped'").await, 3);

    place.sql(&format!("update emergency_stop set at_ms = at_ms - {HOUR_MS}")).await;
    place.sql(&format!("update task set created_ms = created_ms - 2 * {HOUR_MS} where agent <> 'frontend'")).await;
    let since = place.number("select at_ms from emergency_stop where agent = ''").await;
    let answer = place.form("/api/fleet/lift", "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for (name, paused) in [("backend", false), ("frontend", true), ("legal", true)] {
        assert_eq!(is_paused(&place, name).await, paused, "{name}");
    }
    // Who was stopped by themselves stays so, and their clocks stand on.
    let lifted = place.number("select at_ms from journal where kind = 'fleet.stop_lifted'").await;
    assert_eq!(not_before(&place, first).await, first_before);
    conflict(place.issue("frontend").await);
    place.sql(&format!("update task set created_ms = created_ms - 2 * {HOUR_MS} where id = '{first}'")).await;
    let first_since = place.number("select at_ms from emergency_stop where agent = 'frontend'").await;
    let frontend = place.form("/api/agent/lift", "name=frontend").await;
    assert_eq!(frontend.status, 200, "{}", frontend.body);
    let last = place.number("select max(at_ms) from journal where kind = 'fleet.stop_lifted'").await;
    assert!(!is_paused(&place, "frontend").await);
    assert_eq!(not_before(&place, first).await - first_before, last - first_since);
    assert_eq!(due(&mut place, first).await, not_before(&place, first).await);
    let legal = place.desk.agent_detail("legal").await;
    assert_eq!(legal.stopped.expect("it was singled out").reason, "It stays");
    assert_eq!(place.form("/api/agent/lift", "name=legal").await.status, 200);
    let legal = place.desk.agent_detail("legal").await.row.paused.unwrap();
    assert_eq!(legal.reason.as_deref(), Some("On holiday"), "for the reason that it had");
    let legal_lifted = place.number("select max(at_ms) from journal where kind = 'fleet.stop_lifted'").await;
    for ((task, before), lifted) in tasks.iter().zip(before).zip([lifted, legal_lifted]) {
        let frozen = not_before(&place, *task).await - before;
        assert_eq!(frozen, lifted - since, "by the time since all were stopped");
        assert_eq!(due(&mut place, *task).await, not_before(&place, *task).await);
    }
    assert_eq!(place.number("select count(*) from emergency_stop").await, 0);
    for name in ["backend", "marketing"] {
        place.agent(name).await.connect().await.publish(&format!("tasks.{name}.go"), &[], "{}").await.unwrap();
    }
    eventually("both tasks", async || {
        let query = TaskQuery { kind: Some("go".into()), ..TaskQuery::default() };
        let count = place.desk.tasks(query).await.count;
        if count == 2 { Ok(()) } else { Err(count.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn a_stop_needs_a_reason_and_a_founder_who_has_just_proven_who_they_are() {
    let mut place = Place::start().await;
    place.desk.agent("backend", "").await;
    let backend = "backend".parse().unwrap();
    let bob = place.member(11, "Bob", countersign_domain::Role::Reviewer).await;
    let ada = place.desk.proven();
    let late = Actor { proven_at: Millis(ada.proven_at.0 - 5 * 60 * 1000 - 1), ..ada.clone() };
    let service = &place.desk.service;
    for why in ["", " \n"] {
        assert!(matches!(service.stop_agent(&ada, &backend, why).await, Err(Error::Invalid { field: "reason", .. })));
        assert!(matches!(service.stop_all(&ada, why).await, Err(Error::Invalid { field: "reason", .. })));
    }
    assert!(matches!(service.stop_all(&late, "Fire").await, Err(Error::StepUp)));
    assert!(matches!(service.lift_stop(&late, None).await, Err(Error::StepUp)));
    assert!(matches!(service.stop_all(&bob, "Fire").await, Err(Error::Forbidden(_))));
    assert!(matches!(service.stop_agent(&ada, &"nobody".parse().unwrap(), "Fire").await, Err(Error::NotFound)));
    conflict(service.lift_stop(&ada, None).await);
    assert_eq!(place.number("select count(*) from emergency_stop").await, 0);
    assert_eq!(place.number("select count(*) from credential where revoked_ms is not null").await, 0);
}
