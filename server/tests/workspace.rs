//! The Workspace API: who gets in, whose word counts, and what the console makes of it.
#![allow(clippy::disallowed_methods, reason = "these tests are agents")]

mod harness;

use countersign_agent::{Agent, Credentials, Error, Task, Work, Workspace, WorkspaceError};
use countersign_domain::{
    AgentName,
    reading::{TaskDetail, TaskQuery},
    task::{AttemptOutcome, TaskState},
};
use countersign_wire::signature;
use data_encoding::BASE64URL_NOPAD;
use harness::{Desk, Server, eventually, signal, stock, web};
use nkeys::KeyPair;
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

const OPEN: [TaskState; 3] = [TaskState::Queued, TaskState::Running, TaskState::Retrying];

/// An agent that claims its tasks, by the library.
async fn worker(server: &Server, agent: &stock::Agent) -> Agent {
    let connected = Agent::connect(&agent.url, agent.name.clone(), &agent.creds).await.unwrap();
    connected.workspace(&server.addresses.console).unwrap()
}

fn workspace(server: &Server, agent: &stock::Agent) -> Workspace {
    Workspace::new(&server.addresses.console, Credentials::read(&agent.creds).unwrap()).unwrap()
}

async fn next(agent: &Agent) -> Task {
    let mut tasks = agent.tasks().await.unwrap();
    let task = tokio::time::timeout(harness::PATIENCE, tasks.next()).await.expect("a task in time");
    task.unwrap().unwrap()
}

/// The only task in one of these states.
async fn only(desk: &Desk, states: &[TaskState]) -> TaskDetail {
    let page = desk.await_tasks(states, 1).await;
    assert_eq!(page.count, 1);
    desk.task(&page.rows[0]).await
}

fn outcomes(task: &TaskDetail) -> Vec<AttemptOutcome> {
    task.attempts.iter().map(|attempt| attempt.outcome).collect()
}

/// Claims until the bridge has recorded the message and no other lease is in the way, keeping the message.
async fn claim(workspace: &Workspace, message: &async_nats::jetstream::Message) -> countersign_agent::Claim {
    let (sequence, delivery) = {
        let info = message.info().unwrap();
        (info.stream_sequence, u32::try_from(info.delivered).unwrap())
    };
    loop {
        match workspace.claim(sequence, delivery, Duration::from_secs(5)).await {
            Ok(claim) => return claim,
            Err(WorkspaceError::NotYet { .. } | WorkspaceError::Held { .. }) => {
                message.ack_with(async_nats::jetstream::AckKind::Progress).await.unwrap();
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_claimed_task_shows_its_attempts_result_and_cost() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let cso = worker(&server, &agent).await;
    cso.give(&"cso".parse().unwrap(), &"scan".parse().unwrap(), "one", &json!({ "task": "Scan" })).await.unwrap();
    let task = next(&cso).await;
    assert_eq!((task.attempt(), task.is_ours()), (1, true));
    assert_eq!(only(&desk, &[TaskState::Running]).await.row.id, task.id().unwrap().to_string());

    task.cost(0.25, 10, 20).await.unwrap();
    let token = web::token(&server.addresses.console, &agent.creds).await;
    let bearer = format!("Bearer {token}");
    let put =
        web::ask(&server.addresses.console, "POST", "/api/v1/artifacts", &[("Authorization", &bearer)], "findings")
            .await;
    let artifact = put.json["sha256"].as_str().unwrap().to_owned();
    task.succeed(json!({ "findings": [1, 2] }), std::slice::from_ref(&artifact), Some(0.5)).await.unwrap();
    let task = only(&desk, &[TaskState::Succeeded]).await;
    assert_eq!(outcomes(&task), [AttemptOutcome::Succeeded]);
    assert!(task.result.as_ref().unwrap().text.contains("findings"), "{:?}", task.result);
    assert_eq!(task.artifacts, [artifact]);
    let usd = eventually("the whole cost", async || {
        let usd = desk.task(&task.row).await.row.usd.unwrap_or_default();
        if usd > 0.7 { Ok(usd) } else { Err(usd.to_string()) }
    })
    .await;
    assert!((usd - 0.75).abs() < 1e-9, "what was reported on the way and at the end: {usd}");
    eventually("the acknowledged message", async || {
        let left = desk.agent_detail("cso").await.row;
        if left.queue_depth + left.in_flight == 0 { Ok(()) } else { Err(format!("{left:?}")) }
    })
    .await;
}

/// One agent, three tasks: worker 1 claims them and freezes past its leases; worker 2 gets them again, claims
/// and completes them; worker 1 wakes and wants to complete them too. Where `early`, it wakes while worker 2
/// is still at it, and its acknowledgement takes the message from the queue.
async fn three_frozen_workers(agent: stock::Agent, first: Workspace, second: Workspace, early: bool) {
    let (frozen, healthy) = (agent.connect().await, agent.connect().await);
    for n in 0..3 {
        let id = format!("{}-{n}", agent.name);
        let subject = format!("tasks.{}.work", agent.name);
        frozen.publish(&subject, &[("Nats-Msg-Id", &id)], "{}").await.unwrap();
    }
    let mut stale = Vec::new();
    for _ in 0..3 {
        let message = frozen.take().await;
        let claim = claim(&first, &message).await;
        stale.push((message, claim));
    }
    let one = async |of: usize| {
        let again = healthy.take().await;
        let claim = claim(&second, &again).await;
        let (message, old) = stale.iter().find(|(_, old)| old.task == claim.task).expect("the same task");
        assert!(claim.fence > old.fence && claim.attempt > old.attempt, "{claim:?} after {old:?}");
        let wake = async || {
            let by = Work { result: json!({ "by": "the frozen one" }), ..Work::default() };
            let refused = first.complete(old, &by).await;
            assert!(matches!(refused, Err(WorkspaceError::Stale)), "{of}: {refused:?}");
            message.double_ack().await.unwrap();
        };
        if early {
            wake().await;
        }
        let by = Work { result: json!({ "by": "the healthy one" }), ..Work::default() };
        second.complete(&claim, &by).await.unwrap();
        again.double_ack().await.unwrap();
        if !early {
            wake().await;
        }
    };
    tokio::join!(one(0), one(1), one(2));
    // Signals come in their order: when this task's acknowledgement is known, the late ones are too.
    healthy.publish(&format!("tasks.{}.last", agent.name), &[], "{}").await.unwrap();
    healthy.take().await.double_ack().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_workers_that_froze_past_their_leases_change_nothing() {
    let server = Server::start(&["--ack-wait", "2"]);
    let desk = server.set_up().await;
    let mut rounds = Vec::new();
    for n in 0..17 {
        let agent = desk.agent(&format!("agent{n}"), "").await;
        let (first, second) = (workspace(&server, &agent), workspace(&server, &agent));
        rounds.push(three_frozen_workers(agent, first, second, n % 2 == 0));
    }
    futures::future::join_all(rounds).await;
    let last = TaskQuery { kind: Some("last".into()), state: vec![TaskState::Succeeded], ..TaskQuery::default() };
    eventually("all signals", async || {
        let count = desk.tasks(last.clone()).await.count;
        if count == 17 { Ok(()) } else { Err(count.to_string()) }
    })
    .await;
    let mut seen = 0;
    for n in 0..17 {
        let query = TaskQuery { kind: Some("work".into()), agent: Some(format!("agent{n}")), ..TaskQuery::default() };
        for row in desk.tasks(query).await.rows {
            let task = desk.task(&row).await;
            assert_eq!(row.state, TaskState::Succeeded, "{task:?}");
            assert!(task.result.as_ref().unwrap().text.contains("the healthy one"), "{task:?}");
            assert_eq!(task.attempts[0].outcome, AttemptOutcome::NoAnswer, "{task:?}");
            let well = task.attempts.iter().filter(|a| a.outcome == AttemptOutcome::Succeeded).count();
            assert_eq!(well, 1, "it took effect once: {task:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 51);
}

#[tokio::test]
async fn a_word_counts_for_its_own_live_lease_alone() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let (cso, cto) = (desk.agent("cso", "").await, desk.agent("cto", "").await);
    let console = server.addresses.console.as_str();
    let (token, other) = (web::token(console, &cso.creds).await, web::token(console, &cto.creds).await);
    let bus = cso.connect().await;
    for _ in 0..2 {
        bus.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    }
    desk.await_tasks(&OPEN, 2).await;
    let say =
        async |token: &str, path: &str, body: Value| web::post(console, path, Some(token), &body.to_string()).await;
    let claim = async |sequence: u64| {
        let body = json!({ "sequence": sequence, "delivery": 1, "lease_seconds": 60 });
        say(&token, "/claims", body).await.json
    };
    let (one, two) = (claim(1).await, claim(2).await);
    assert_eq!((one["attempt"].as_u64(), one["lease_ms"].as_u64()), (Some(1), Some(60_000)), "{one}");
    let path = |claim: &Value, verb: &str| format!("/claims/{}/{verb}", claim["task"].as_str().unwrap());
    let (complete, renew, fail) = (path(&one, "complete"), path(&one, "renew"), path(&one, "fail"));
    let mine = json!({ "fence": one["fence"] });

    // Held by a live lease; another agent's; not recorded; nobody's.
    let again = say(&token, "/claims", json!({ "sequence": 1, "delivery": 2 })).await;
    assert_eq!(again.refusal(), (409, "held"));
    assert!((1..=60_000).contains(&again.json["retry_after_ms"].as_u64().unwrap()), "{again:?}");
    assert_eq!(say(&other, "/claims", json!({ "sequence": 1, "delivery": 1 })).await.refusal(), (404, "not_found"));
    let early = say(&token, "/claims", json!({ "sequence": 99, "delivery": 1 })).await;
    assert_eq!(early.refusal(), (409, "not_yet"));
    assert!(early.head.contains("retry-after: "), "{early:?}");
    for verb in ["renew", "complete"] {
        assert_eq!(say(&other, &path(&one, verb), mine.clone()).await.refusal(), (404, "not_found"));
        assert_eq!(say(&token, &format!("/claims/nonsense/{verb}"), mine.clone()).await.refusal(), (404, "not_found"));
        // The fence of another task, and one that was never given.
        for fence in [two["fence"].clone(), json!(1), json!(i64::MAX), json!(-1)] {
            let answer = say(&token, &path(&one, verb), json!({ "fence": fence })).await;
            assert_eq!(answer.refusal(), (409, "stale"), "{fence}");
        }
    }
    // Its own: renewed; completed, and once more because the answer may have been lost; and then it is over.
    assert_eq!(say(&token, &renew, mine.clone()).await.status, 200);
    let work = json!({ "fence": one["fence"], "result": null });
    for _ in 0..2 {
        assert_eq!(say(&token, &complete, work.clone()).await.status, 200);
    }
    assert_eq!(say(&token, &renew, mine.clone()).await.refusal(), (410, "lease_over"));
    let failed = json!({ "fence": one["fence"], "reason": "no", "final": true });
    assert_eq!(say(&token, &fail, failed).await.refusal(), (409, "settled"));
    let settled = say(&token, "/claims", json!({ "sequence": 1, "delivery": 2 })).await;
    assert_eq!((settled.refusal(), settled.json["state"].as_str()), ((409, "settled"), Some("succeeded")));

    // What was called off is told at the next word.
    let id = two["task"].as_str().unwrap().parse().unwrap();
    desk.service.cancel_task(&desk.founder, id, "not needed").await.unwrap();
    let answer = say(&token, &path(&two, "renew"), json!({ "fence": two["fence"] })).await;
    assert_eq!((answer.refusal(), answer.json["state"].as_str()), ((409, "settled"), Some("cancelled")));

    // A message that carries no task.
    bus.publish("tasks.cso.scan", &[], "{broken").await.unwrap();
    eventually("the message in quarantine", async || {
        let answer = say(&token, "/claims", json!({ "sequence": 3, "delivery": 1 })).await;
        if answer.refusal() == (409, "no_task") { Ok(()) } else { Err(format!("{answer:?}")) }
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_ended_by_its_time_is_over() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let bus = agent.connect().await;
    bus.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    let at = workspace(&server, &agent);
    let lease = claim(&at, &bus.take().await).await;
    // Renewed once, so it is the renewal that ends.
    at.renew(&lease, Duration::from_secs(5)).await.unwrap();
    eventually("the end of the lease", async || {
        let task = only(&desk, &OPEN).await;
        let reason = task.attempts.first().and_then(|attempt| attempt.reason.clone()).unwrap_or_default();
        if reason.contains("its lease ended") { Ok(()) } else { Err(format!("{:?}", task.attempts)) }
    })
    .await;
    for refused in [
        at.renew(&lease, Duration::from_secs(60)).await,
        at.complete(&lease, &Work::default()).await,
        at.fail(&lease, "no", countersign_agent::Next::Nothing).await,
    ] {
        assert!(matches!(refused, Err(WorkspaceError::LeaseOver)), "{refused:?}");
    }
    assert_eq!(outcomes(&only(&desk, &OPEN).await), [AttemptOutcome::NoAnswer]);
}

/// Claims of a user as `countersign` writes them, signed by whoever wants to be believed.
fn claims(signer: &KeyPair, issuer: &str, subject: &str, tenant: &str, expires_at: i64) -> String {
    let claims = json!({
        "iat": 1, "iss": issuer, "name": "cso", "sub": subject, "exp": expires_at,
        "nats": { "type": "user", "version": 2, "tags": [format!("tenant:{tenant}")] },
    });
    let header = json!({ "typ": "JWT", "alg": "ed25519-nkey" });
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let text = format!("{}.{}", part(&header), part(&claims));
    let signature = signer.sign(text.as_bytes()).unwrap();
    format!("{text}.{}", BASE64URL_NOPAD.encode(&signature))
}

fn issuer_of(jwt: &str) -> String {
    let body = BASE64URL_NOPAD.decode(jwt.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&body).unwrap();
    claims["iss"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn who_is_not_the_holder_of_a_live_credential_gets_no_token() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let console = server.addresses.console.as_str();
    let own = Credentials::read(&agent.creds).unwrap();
    let mut owner = server.owner().connect().await.unwrap();
    let refused = async |proof: String, what: &str| {
        let answer = web::post(console, "/agent/token", None, &proof).await;
        assert_eq!(answer.refusal(), (401, "unproven"), "{what}");
        assert!(answer.head.contains("www-authenticate: bearer"), "{what}: {answer:?}");
    };

    // A challenge counts once, whatever came of it, and for two minutes.
    let challenge = web::challenge(console).await;
    let proof = web::proof(own.jwt(), &challenge, &own);
    assert_eq!(web::post(console, "/agent/token", None, &proof).await.status, 200);
    refused(proof, "the same challenge again").await;
    let challenge = web::challenge(console).await;
    refused(web::proof("nonsense", &challenge, &own), "no claims").await;
    refused(web::proof(own.jwt(), &challenge, &own), "a challenge that a wrong proof used up").await;
    let challenge = web::challenge(console).await;
    sqlx::query("update agent_challenge set expires_ms = 1").execute(&mut owner).await.unwrap();
    refused(web::proof(own.jwt(), &challenge, &own), "an old challenge").await;
    refused(web::proof(own.jwt(), &BASE64URL_NOPAD.encode(&[7; 32]), &own), "a challenge that was never given").await;

    // Claims that the tenant's own key did not sign.
    let keys = async |owner: &mut sqlx::PgConnection| -> i64 {
        sqlx::query_scalar("select count(*) from bus_key").fetch_one(owner).await.unwrap()
    };
    let before = keys(&mut owner).await;
    let (stranger, account) = (KeyPair::new_user(), KeyPair::new_account());
    let file = format!("BEGIN NATS USER JWT\nx\nBEGIN USER NKEY SEED\n{}", stranger.seed().unwrap());
    let key = Credentials::read(&file).unwrap();
    let (tenant, nobody) = (desk.founder.tenant.to_string(), "0190163d-8694-739b-aea5-966c26f8ad90");
    let (us, issuer) = (stranger.public_key(), issuer_of(own.jwt()));
    let far = 10_000_000_000;
    for (jwt, what) in [
        (claims(&stranger, &us, &us, &tenant, far), "signed by itself"),
        (claims(&account, &account.public_key(), &us, &tenant, far), "signed by another tenant"),
        (claims(&account, &issuer, &us, &tenant, far), "signed by another tenant in our name"),
        (claims(&account, &account.public_key(), &us, nobody, far), "of an unknown tenant"),
        (own.jwt().to_owned(), "another's claims under its own key"),
    ] {
        refused(web::proof(&jwt, &web::challenge(console).await, &key), what).await;
    }
    assert_eq!(keys(&mut owner).await, before, "an unknown tenant gets no keys");

    // A token ends by its time, and with its credential.
    let token = web::token(console, &agent.creds).await;
    let is_known = async |token: &str| {
        let answer = web::post(console, "/claims", Some(token), r#"{"sequence":1,"delivery":1}"#).await;
        answer.refusal() != (401, "unproven")
    };
    assert!(is_known(&token).await);
    for odd in ["", "x", &token[1..]] {
        assert!(!is_known(odd).await, "{odd}");
    }
    assert_eq!(web::post(console, "/claims", None, "{}").await.refusal(), (401, "unproven"));
    sqlx::query("update agent_token set expires_ms = 1").execute(&mut owner).await.unwrap();
    assert!(!is_known(&token).await, "expired");
    let token = web::token(console, &agent.creds).await;
    assert!(is_known(&token).await);
    let id = desk.agent_detail("cso").await.credentials[0].id.parse().unwrap();
    // This desk has no line to the bus; the marking is enough.
    assert!(desk.service.revoke_credential(&desk.founder, id).await.is_err());
    assert!(!is_known(&token).await, "revoked");
    refused(web::proof(own.jwt(), &web::challenge(console).await, &own), "a revoked credential").await;
    owner.close().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_with_its_field() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let console = server.addresses.console.as_str();
    let token = web::token(console, &agent.creds).await;
    agent.connect().await.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    desk.await_tasks(&OPEN, 1).await;
    let lease = web::post(console, "/claims", Some(&token), r#"{"sequence":1,"delivery":1}"#).await.json;
    let (task, fence) = (lease["task"].as_str().unwrap(), lease["fence"].as_i64().unwrap());
    let of = |verb: &str| format!("/claims/{task}/{verb}");
    let long = "x".repeat(257 * 1024);
    let names = vec!["0f".repeat(32); 101];
    for (path, body, field) in [
        ("/claims".to_owned(), "{".to_owned(), "body"),
        ("/claims".to_owned(), String::new(), "body"),
        ("/claims".to_owned(), r#"{"sequence":-1,"delivery":1}"#.to_owned(), "body"),
        ("/claims".to_owned(), r#"{"sequence":0,"delivery":1}"#.to_owned(), "sequence"),
        ("/claims".to_owned(), r#"{"sequence":1,"delivery":0}"#.to_owned(), "delivery"),
        ("/claims".to_owned(), r#"{"sequence":1,"delivery":4000000000}"#.to_owned(), "delivery"),
        ("/claims".to_owned(), r#"{"sequence":1,"delivery":1,"lease_seconds":4}"#.to_owned(), "lease_seconds"),
        ("/claims".to_owned(), r#"{"sequence":1,"delivery":1,"lease_seconds":601}"#.to_owned(), "lease_seconds"),
        (of("renew"), json!({ "fence": fence, "lease_seconds": 0 }).to_string(), "lease_seconds"),
        (of("renew"), json!({ "fence": "1" }).to_string(), "body"),
        (of("complete"), format!(r#"{{"fence":{fence},"result":{{broken}}"#), "body"),
        (of("complete"), json!({ "fence": fence, "result": long }).to_string(), "result"),
        (of("complete"), json!({ "fence": fence, "artifacts": ["A"] }).to_string(), "artifacts"),
        (of("complete"), json!({ "fence": fence, "artifacts": names }).to_string(), "artifacts"),
        (of("complete"), json!({ "fence": fence, "usd": -1 }).to_string(), "usd"),
        (of("fail"), json!({ "fence": fence, "reason": "x" }).to_string(), "retry_in"),
        (of("fail"), json!({ "fence": fence, "reason": "x", "retry_in": 1, "final": true }).to_string(), "retry_in"),
        (of("fail"), json!({ "fence": fence, "reason": "x", "retry_in": -1 }).to_string(), "body"),
        (of("fail"), json!({ "fence": fence, "reason": "x", "retry_in": 604_801 }).to_string(), "retry_in"),
        (of("fail"), json!({ "fence": fence, "reason": " ", "final": true }).to_string(), "reason"),
        (of("fail"), json!({ "fence": fence, "reason": "a\u{0}b", "final": true }).to_string(), "reason"),
        ("/agent/token".to_owned(), r#"{"jwt":"a","challenge":"!","signature":"!"}"#.to_owned(), "signature"),
        ("/agent/token".to_owned(), "[]".to_owned(), "body"),
    ] {
        let answer = web::post(console, &path, Some(&token), &body).await;
        assert_eq!(answer.refusal(), (422, "invalid"), "{path} {}", &body[..body.len().min(90)]);
        assert_eq!(answer.json["field"], field, "{path} {}", &body[..body.len().min(90)]);
    }
    let huge = json!({ "fence": fence, "result": "x".repeat(400 * 1024) }).to_string();
    assert_eq!(web::post(console, &of("complete"), Some(&token), &huge).await.status, 413);
    assert_eq!(web::post(console, "/nonsense", Some(&token), "{}").await.refusal(), (404, "not_found"));
    assert_eq!(web::ask(console, "GET", "/api/v1/claims", &[], "").await.refusal(), (405, "method"));
    // A page of another site may not ask, whatever it knows; a program says no origin and may.
    let bearer = format!("Bearer {token}");
    let cross = [("Authorization", bearer.as_str()), ("Origin", "https://evil.example")];
    assert_eq!(web::ask(console, "POST", "/api/v1/claims", &cross, "{}").await.status, 403);
    // After all that, the lease still stands.
    let body = json!({ "fence": fence, "result": { "odd": "\u{0}" } }).to_string();
    assert_eq!(web::post(console, &of("complete"), Some(&token), &body).await.status, 200);
    only(&desk, &[TaskState::Succeeded]).await;
}

#[tokio::test]
async fn a_returned_task_comes_again_as_attempt_two_and_holds_no_place_meanwhile() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let cso = worker(&server, &agent).await;
    let (me, kind) = ("cso".parse().unwrap(), "scan".parse().unwrap());
    let mut tasks = cso.tasks().await.unwrap();
    // As many as the agent has places, each returned for a long time.
    for n in 0..3 {
        cso.give(&me, &kind, &format!("slow-{n}"), &json!({ "n": n })).await.unwrap();
        let task = tasks.next().await.unwrap().unwrap();
        task.give_back("the model is overloaded", Duration::from_secs(3600)).await.unwrap();
    }
    cso.give(&me, &kind, "quick", &json!({ "n": 4 })).await.unwrap();
    let quick = tokio::time::timeout(Duration::from_secs(10), tasks.next()).await.expect("a free place");
    let quick = quick.unwrap().unwrap();
    let id = quick.id();
    assert_eq!((quick.attempt(), &quick.payload()["n"]), (1, &json!(4)));
    quick.give_back("a hiccup", Duration::ZERO).await.unwrap();
    let again = tokio::time::timeout(Duration::from_secs(10), tasks.next()).await.expect("the second attempt");
    let again = again.unwrap().unwrap();
    assert_eq!((again.attempt(), again.id()), (2, id));
    again.succeed(Value::Null, &[], None).await.unwrap();

    let task = only(&desk, &[TaskState::Succeeded]).await;
    assert_eq!(outcomes(&task), [AttemptOutcome::Returned, AttemptOutcome::Succeeded]);
    assert_eq!(task.attempts[0].reason.as_deref(), Some("a hiccup"));
    assert_eq!(desk.await_tasks(&[TaskState::Retrying], 3).await.count, 3);
    assert_eq!(desk.tasks(TaskQuery::default()).await.count, 4, "another attempt is no other task");
}

#[tokio::test]
async fn attempts_that_are_used_up_and_work_that_is_given_up_wait_for_the_founder() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let cso = worker(&server, &agent).await;
    let (me, kind) = ("cso".parse().unwrap(), "scan".parse().unwrap());
    let mut tasks = cso.tasks().await.unwrap();
    cso.give(&me, &kind, "poison", &json!({})).await.unwrap();
    for n in 1..=5 {
        let task = tasks.next().await.unwrap().unwrap();
        assert_eq!(task.attempt(), n);
        task.give_back(&format!("crashed, time {n}"), Duration::ZERO).await.unwrap();
    }
    let dead = only(&desk, &[TaskState::Dead]).await;
    assert_eq!(outcomes(&dead), [AttemptOutcome::Returned; 5]);
    assert_eq!(dead.row.reason.as_deref(), Some("crashed, time 5"));
    cso.give(&me, &kind, "hopeless", &json!({})).await.unwrap();
    tasks.next().await.unwrap().unwrap().give_up("the repository is gone").await.unwrap();
    let failed = only(&desk, &[TaskState::Failed]).await;
    assert_eq!(outcomes(&failed), [AttemptOutcome::GivenUp]);
    assert_eq!(failed.row.reason.as_deref(), Some("the repository is gone"));
}

#[tokio::test]
async fn a_result_that_cannot_be_kept_fails_the_attempt_with_that_reason() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let cso = worker(&server, &agent).await;
    cso.give(&"cso".parse().unwrap(), &"scan".parse().unwrap(), "one", &json!({})).await.unwrap();
    let refused = next(&cso).await.succeed(json!("x".repeat(300 * 1024)), &[], None).await;
    assert!(matches!(refused, Err(Error::Workspace(WorkspaceError::Invalid(_)))), "{refused:?}");
    let task = only(&desk, &[TaskState::Retrying]).await;
    assert!(task.attempts[0].reason.as_deref().unwrap().contains("larger than 256 KiB"), "{task:?}");
}

#[tokio::test]
async fn a_signed_sender_is_verified_and_a_forged_one_is_not() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("ceo", "cto").await;
    desk.agent("cto", "").await;
    let ceo = Agent::connect(&agent.url, agent.name.clone(), &agent.creds).await.unwrap();
    let payload = json!({ "task": "Plan" });
    ceo.give(&"cto".parse().unwrap(), &"signed".parse().unwrap(), "one", &payload).await.unwrap();

    let bus = agent.connect().await;
    let (own, stranger) = (Credentials::read(&agent.creds).unwrap(), KeyPair::new_user());
    let material = |kind: &str| signature::material(&format!("tasks.cto.{kind}"), kind, b"{}", None);
    let by_stranger = BASE64URL_NOPAD.encode(&stranger.sign(&material("stranger")).unwrap());
    let of_other = own.sign(&material("other")).unwrap();
    let (key, strange) = (own.public_key(), stranger.public_key());
    let forged: [(&str, Vec<(&str, &str)>); 4] = [
        ("claimed", vec![]),
        ("stranger", vec![("Countersign-Key", &strange), ("Countersign-Signature", &by_stranger)]),
        ("stolen", vec![("Countersign-Key", &key), ("Countersign-Signature", &of_other)]),
        ("nonsense", vec![("Countersign-Key", &key), ("Countersign-Signature", "!")]),
    ];
    for (kind, mut headers) in forged {
        headers.extend([("Nats-Msg-Id", kind), ("Countersign-Sender", "founder")]);
        bus.publish(&format!("tasks.cto.{kind}"), &headers, "{}").await.unwrap();
    }
    for row in desk.await_tasks(&OPEN, 5).await.rows {
        let task = desk.task(&row).await;
        assert_eq!(task.sender_verified, row.kind == "signed", "{}: {:?}", row.kind, task.headers);
        let sender = if row.kind == "signed" { "ceo" } else { "founder" };
        assert_eq!(task.claimed_sender.as_deref(), Some(sender), "{}", row.kind);
    }
}

/// A worker in a process of its own, which can be stopped and killed: this very program, started again.
struct OtherProcess {
    child: Child,
    said: BufReader<ChildStdout>,
}

const PLACE: &str = "WORKER_OF_A_TEST";

impl OtherProcess {
    fn start(server: &Server, agent: &stock::Agent) -> Self {
        let place =
            json!({ "bus": agent.url, "console": server.addresses.console, "creds": agent.creds, "name": agent.name });
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_worker_in_a_process_of_its_own", "--nocapture", "--test-threads=1"])
            .env(PLACE, place.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    /// The next thing that it says.
    fn hear(&mut self) -> String {
        let mut line = String::new();
        while self.said.read_line(&mut line).unwrap() > 0 {
            if let Some((_, said)) = line.split_once("worker: ") {
                return said.trim().to_owned();
            }
            line.clear();
        }
        panic!("the worker ended")
    }

    /// Lets it finish its task.
    fn go_on(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"go on\n").unwrap();
    }
}

impl Drop for OtherProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// No test by itself: what [`OtherProcess`] runs. It claims one task, waits for a line, and completes it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_in_a_process_of_its_own() {
    let Ok(place) = std::env::var(PLACE) else { return };
    let place: Value = serde_json::from_str(&place).unwrap();
    let text = |name: &str| place[name].as_str().unwrap().to_owned();
    let agent = Agent::connect(&text("bus"), text("name").parse().unwrap(), &text("creds")).await.unwrap();
    let agent = agent.workspace(&text("console")).unwrap();
    let mut tasks = agent.tasks().await.unwrap().lease(Duration::from_secs(5));
    let task = tasks.next().await.unwrap().unwrap();
    println!("worker: claimed {}", task.attempt());
    let mut line = String::new();
    tokio::task::block_in_place(|| std::io::stdin().read_line(&mut line)).unwrap();
    println!("worker: {}", if task.is_ours() { "ours" } else { "not ours" });
    match task.succeed(json!({ "by": "the other process" }), &[], None).await {
        Ok(()) => println!("worker: done"),
        Err(Error::LeaseLost(why)) => println!("worker: lost, {why}"),
        Err(error) => println!("worker: {error}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_workers_lease_ends_and_another_does_its_task() {
    let server = Server::start(&["--ack-wait", "2"]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    agent.connect().await.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    let mut worker_one = OtherProcess::start(&server, &agent);
    assert_eq!(worker_one.hear(), "claimed 1");
    signal(worker_one.child.id(), "KILL");

    let cso = worker(&server, &agent).await;
    next(&cso).await.succeed(json!({ "by": "another" }), &[], None).await.unwrap();
    let task = only(&desk, &[TaskState::Succeeded]).await;
    assert_eq!(task.attempts[0].outcome, AttemptOutcome::NoAnswer);
    let reason = task.attempts[0].reason.clone().unwrap();
    assert!(reason.contains("lease ended") || reason.contains("took the task over"), "{reason}");
    assert!(task.result.unwrap().text.contains("another"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_worker_learns_that_its_task_is_not_its_own_any_more() {
    let server = Server::start(&["--ack-wait", "2"]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    agent.connect().await.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    let mut frozen = OtherProcess::start(&server, &agent);
    assert_eq!(frozen.hear(), "claimed 1");
    signal(frozen.child.id(), "STOP");
    let cso = worker(&server, &agent).await;
    let task = next(&cso).await;
    assert!(task.attempt() > 1);
    frozen.go_on();
    signal(frozen.child.id(), "CONT");
    assert_eq!(frozen.hear(), "not ours");
    assert_eq!(frozen.hear(), "lost, another worker took the task over");
    task.succeed(json!({ "by": "another" }), &[], None).await.unwrap();
    let task = only(&desk, &[TaskState::Succeeded]).await;
    assert!(task.result.unwrap().text.contains("another"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_worker_keeps_its_task_for_longer_than_lease_and_wait() {
    let server = Server::start(&["--ack-wait", "2"]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    agent.connect().await.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    let mut slow = OtherProcess::start(&server, &agent);
    assert_eq!(slow.hear(), "claimed 1");
    // A second worker is there all the time, and gets nothing.
    let cso = worker(&server, &agent).await;
    let mut tasks = cso.tasks().await.unwrap();
    assert!(tokio::time::timeout(Duration::from_secs(8), tasks.next()).await.is_err(), "it was handed out twice");
    slow.go_on();
    assert_eq!(slow.hear(), "ours");
    assert_eq!(slow.hear(), "done");
    let task = only(&desk, &[TaskState::Succeeded]).await;
    assert_eq!(outcomes(&task), [AttemptOutcome::Succeeded], "one attempt, never handed out again");
}

#[tokio::test]
async fn a_lost_lease_is_known_to_the_worker_that_waits_for_it() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    agent.connect().await.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    let cso = worker(&server, &agent).await;
    let mut tasks = cso.tasks().await.unwrap().lease(Duration::from_secs(5));
    let task = tasks.next().await.unwrap().unwrap();
    desk.service.cancel_task(&desk.founder, task.id().unwrap(), "not needed").await.unwrap();
    let why = tokio::time::timeout(Duration::from_secs(10), task.is_lost()).await.expect("the news");
    assert!(why.contains("cancelled") && !task.is_ours(), "{why}");
    let refused = task.succeed(Value::Null, &[], None).await;
    assert!(matches!(refused, Err(Error::LeaseLost(_))), "{refused:?}");
    assert_eq!(only(&desk, &[TaskState::Cancelled]).await.result, None);
}

#[tokio::test]
async fn agents_of_the_demo_work_with_claims_and_without() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let mut demo = harness::countersign();
    demo.args(["demo", "--rate", "20", "--work-ms", "20", "--data-dir"]).arg(&server.dir);
    let mut demo = demo.stdout(Stdio::null()).spawn().unwrap();
    // Nothing starts before a founder has approved it.
    for agent in ["ceo", "cto", "cso", "backend", "frontend", "devops", "marketing"] {
        let name: AgentName = agent.parse().unwrap();
        let review = eventually("the review of an agent's role file", async || {
            let reviews = desk.service.read_reviews(&desk.founder).await.unwrap();
            let row = reviews.open.into_iter().find(|row| row.agent == agent && row.probe_wrong == Some(0));
            row.ok_or_else(|| "none".to_owned())
        })
        .await;
        assert!(desk.service.issue_credential(&desk.founder, &name, 24).await.is_err());
        desk.approve(review.id.parse().unwrap()).await;
    }
    for (agent, claims) in [("cto", true), ("backend", false)] {
        let query = TaskQuery { agent: Some(agent.into()), state: vec![TaskState::Succeeded], ..TaskQuery::default() };
        let task =
            eventually("a task that the agent did", async || match desk.tasks(query.clone()).await.rows.first() {
                Some(row) => Ok(desk.task(row).await),
                None => Err("none".to_owned()),
            })
            .await;
        assert_eq!(task.result.is_some(), claims, "{agent}");
        assert!(task.sender_verified, "{agent}");
    }
    signal(demo.id(), "TERM");
    assert!(demo.wait().unwrap().success());
}

/// The embedded database and all its processes.
fn database_pids(server: &Server) -> Vec<u32> {
    let postmaster = server.pid_in("postgres/postmaster.pid");
    let parent = |pid: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
    };
    let all = std::fs::read_dir("/proc").unwrap();
    let pids = all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|pid| *pid == postmaster || parent(*pid) == Some(postmaster)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_database_every_answer_says_when_to_come_back_and_the_worker_does() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let console = server.addresses.console.as_str();
    let token = web::token(console, &agent.creds).await;
    let cso = worker(&server, &agent).await;
    cso.give(&"cso".parse().unwrap(), &"scan".parse().unwrap(), "one", &json!({})).await.unwrap();
    let task = next(&cso).await;
    let stopped = database_pids(&server);
    for pid in &stopped {
        signal(*pid, "STOP");
    }
    let ended = tokio::spawn(task.succeed(json!({ "kept": true }), &[], None));
    let answers = async {
        let challenge = web::post(console, "/agent/challenge", None, "{}").await;
        let claim = web::post(console, "/claims", Some(&token), r#"{"sequence":1,"delivery":1}"#).await;
        let ready = web::ask(console, "GET", "/readyz", &[], "").await;
        (challenge, claim, ready)
    };
    let (challenge, claim, ready) = answers.await;
    for pid in &stopped {
        signal(*pid, "CONT");
    }
    assert_eq!(challenge.refusal(), (503, "unavailable"));
    assert_eq!(claim.refusal(), (503, "unavailable"));
    assert_eq!(ready.status, 503);
    for answer in [challenge, claim, ready] {
        assert!(answer.head.contains("retry-after: "), "{answer:?}");
    }
    ended.await.unwrap().expect("it counts once the database is back");
    let task = only(&desk, &[TaskState::Succeeded]).await;
    assert_eq!(outcomes(&task), [AttemptOutcome::Succeeded]);
}
