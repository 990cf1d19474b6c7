//! The REST API: who is let in, what is done once, and what a token leaves behind.

mod harness;

use async_nats::jetstream::AckKind;
use countersign_domain::{
    Via,
    api_token::Scope,
    reading::{ActQuery, LetterQuery, TaskQuery, TokenState, Turn},
};
use countersign_server::surroundings::SystemClock;
use countersign_service::{BriefWord, ports::Clock};
use data_encoding::HEXLOWER;
use harness::{Desk, Server, api::Program, eventually, stock::Connection};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{Connection as _, PgConnection};
use std::collections::BTreeSet;
use uuid::Uuid;

async fn owner(server: &Server) -> PgConnection {
    PgConnection::connect_with(&server.owner()).await.unwrap()
}

/// So many tasks that their worker gave up.
async fn dead_letters(desk: &Desk, cso: &Connection, count: usize) -> Vec<String> {
    for n in 0..count {
        cso.publish("tasks.cso.scan", &[], format!(r#"{{"n":{n}}}"#)).await.unwrap();
        cso.take().await.ack_with(AckKind::Term).await.unwrap();
    }
    eventually("the letters", async || {
        let found = desk.service.read_dead_letters(&desk.founder, &LetterQuery::default()).await.unwrap().letters;
        let ids: Vec<String> = found.into_iter().map(|letter| letter.id).collect();
        if ids.len() == count { Ok(ids) } else { Err(format!("{} wait", ids.len())) }
    })
    .await
}

/// A brief of the organization's people that a founder decided, once that counts; answers the decision's id.
async fn decision(server: &Server, desk: &Desk, program: &Program, creds: &str) -> String {
    let console = &server.addresses.console;
    let bearer = format!("Bearer {}", harness::web::token(console, creds).await);
    let text = "Error rates";
    let sha256 = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
    let path = format!("/api/v1/artifacts/{sha256}");
    let put = harness::web::ask(console, "PUT", &path, &[("Authorization", bearer.as_str())], text).await;
    assert!((200..300).contains(&put.status), "{put:?}");
    let deadline = countersign_domain::Millis(SystemClock.now().0 + 48 * 60 * 60 * 1000).to_rfc3339();
    let brief = json!({
        "brief": "q", "title": "Deployment", "question": "Do we roll out today?", "category": "deploy", "context_md": "Soon.",
        "options": [
            {"key": "A", "title": "Roll out", "consequence": "Customers get the fix today.", "cost_usd": 40,
             "effort": "1 agent-day", "reversible": true, "risk": "medium"},
            {"key": "B", "title": "Wait", "consequence": "Two customers wait until Monday.", "cost_usd": 0,
             "effort": "none", "reversible": true, "risk": "low"},
        ],
        "recommendation": {"key": "B", "why": "Nobody of the team is awake on Saturday.", "confidence": 0.82},
        "evidence": [{"sha256": sha256, "title": "Error rates"}],
        "deadline": deadline, "at_deadline": "none", "input_needed": "Whether a customer was promised a date",
    });
    let asked = program.post("/briefs", &brief.to_string()).await;
    assert_eq!(asked.status, 201, "{asked:?}");
    let row = desk.service.read_inbox(&desk.founder).await.unwrap().rows.remove(0);
    let word = BriefWord {
        brief: row.id.parse().unwrap(),
        sha256: row.sha256,
        choice: "A".to_owned(),
        answer: String::new(),
        rationale: String::new(),
        prediction: String::new(),
        check_at: None,
        key: String::new(),
    };
    let held = desk.service.decide_brief(&desk.proven(), word).await.unwrap().decision;
    eventually("the decision", async || {
        let answer = program.get(&format!("/decisions/{held}")).await;
        if answer.status == 200 { Ok(()) } else { Err(format!("{answer:?}")) }
    })
    .await;
    held
}

/// A founder of another organization.
async fn stranger(server: &Server, desk: &Desk) -> countersign_domain::Actor {
    let mut owner = owner(server).await;
    let (tenant, person) = (Uuid::from_u128(2), Uuid::from_u128(11));
    for sql in [
        "insert into tenant (id, slug, name, created_ms) values ($1, 'other', 'Other', 1)",
        "insert into journal_head (tenant_id, seq, hash) values ($1, 0, decode(repeat('00', 32), 'hex'))",
    ] {
        sqlx::query(sql).bind(tenant).execute(&mut owner).await.unwrap();
    }
    let person_and_role = "with added as (insert into person (id, email, name, password_hash, created_ms)
                                          values ($2, 'eve@example.com', 'Eve', '', 0))
                           insert into membership (tenant_id, person_id, role) values ($1, $2, 'founder')";
    sqlx::query(person_and_role).bind(tenant).bind(person).execute(&mut owner).await.unwrap();
    let mut stranger = desk.founder.clone();
    stranger.tenant = countersign_domain::TenantId(tenant);
    stranger.person = countersign_domain::PersonId(person);
    stranger
}

/// Each method of each address of the document, with the scope that it asks for.
fn documented() -> BTreeSet<(String, String)> {
    let document = serde_json::to_value(countersign_server::http::rest::document()).unwrap();
    let mut all = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"][0]["token"][0].as_str().unwrap().to_owned();
            let path = path.strip_prefix("/api/v1").unwrap();
            all.insert((format!("{} {path}", method.to_uppercase()), scope));
        }
    }
    all
}

#[tokio::test]
async fn every_route_answers_to_a_live_token_with_its_scope_in_its_own_organization_alone() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await;
    let letters = dead_letters(&desk, &cso.connect().await, 3).await;
    let all = desk.program(&server).await;
    let decision = decision(&server, &desk, &all, &cso.creds).await;
    let foreign = Program::new(&server, desk.token_of(&stranger(&server, &desk).await, Scope::ALL).await);
    let (expired, revoked) = (desk.program(&server).await, desk.program(&server).await);
    let made = desk.service.list_tokens(&desk.founder).await.unwrap().tokens;
    let id_of = |program: &Program| {
        let tail = &program.token[program.token.len() - 4..];
        made.iter().find(|row| row.tail == tail).unwrap().id.clone()
    };
    sqlx::query("update api_token set expires_ms = 1 where id = $1")
        .bind(id_of(&expired).parse::<Uuid>().unwrap())
        .execute(&mut owner(&server).await)
        .await
        .unwrap();
    desk.service.revoke_token(&desk.founder, id_of(&revoked).parse().unwrap()).await.unwrap();

    let later =
        json!({ "agent": "cso", "kind": "scan", "payload": { "task": "Later" }, "not_before": "2027-06-01T00:00:00Z" });
    let task = all.post("/tasks", &later.to_string()).await.json["task"].as_str().unwrap().to_owned();
    let many = json!({ "tasks": [letters[2]], "expected": 1, "rate": 1 }).to_string();
    let reason = r#"{"reason":"Because"}"#;
    let (first, second) = (letters[0].as_str(), letters[1].as_str());
    let review = desk.service.read_reviews(&desk.founder).await.unwrap().standing[0].id.clone();
    // In an order in which each can be done. The last entry is the answer to whoever may.
    let mut steps = vec![
        ("POST /tasks", "", later.to_string(), 201),
        ("GET /tasks", "", String::new(), 200),
        ("GET /tasks/{task}", task.as_str(), String::new(), 200),
        ("POST /tasks/{task}/reprioritise", task.as_str(), r#"{"priority":9}"#.to_owned(), 204),
        ("POST /tasks/{task}/cancel", task.as_str(), reason.to_owned(), 204),
        ("GET /agents", "", String::new(), 200),
        ("GET /agents/{agent}", "cso", String::new(), 200),
        ("POST /agents/{agent}/pause", "cso", reason.to_owned(), 204),
        ("POST /agents/{agent}/resume", "cso", String::new(), 204),
        ("POST /agents/{agent}/breaker/open", "cso", String::new(), 204),
        ("POST /agents/{agent}/breaker/close", "cso", String::new(), 204),
        ("GET /dead-letters", "", String::new(), 200),
        ("GET /dead-letters/{task}", first, String::new(), 200),
        ("POST /dead-letters/{task}/replay", first, String::new(), 201),
        ("POST /dead-letters/{task}/dismiss", second, reason.to_owned(), 204),
        ("POST /dead-letters/replay", "", many, 201),
        ("GET /decisions", "", String::new(), 200),
        ("GET /decisions/{decision}", decision.as_str(), String::new(), 200),
        ("GET /allocation", "", String::new(), 200),
        ("GET /context", "", String::new(), 200),
        ("POST /briefs", "", "{}".to_owned(), 422),
        ("GET /reviews", "", String::new(), 200),
        ("GET /reviews/{review}", review.as_str(), String::new(), 200),
        ("GET /journal", "", String::new(), 200),
        ("GET /journal/head", "", String::new(), 200),
    ];
    let mut asked = BTreeSet::new();
    let mut replay = String::new();
    while !steps.is_empty() {
        let (route, id, body, right) = steps.remove(0);
        let (method, template) = route.split_once(' ').unwrap();
        let path = match template.split_once('{') {
            Some((before, after)) => format!("{before}{id}{}", after.split_once('}').unwrap().1),
            None => template.to_owned(),
        };
        let scope = documented().into_iter().find(|(known, _)| known == route).unwrap_or_else(|| panic!("{route}")).1;
        let others: Vec<Scope> = Scope::ALL.iter().copied().filter(|other| other.as_str() != scope).collect();
        let lacking = Program::new(&server, desk.token(&others).await);
        let exact = Program::new(&server, desk.token(&[scope.parse().unwrap()]).await);
        let unknown = Program::new(&server, format!("{}AAAA", &all.token[..all.token.len() - 4]));
        for (who, why) in [(&expired, "expired"), (&revoked, "revoked"), (&unknown, "nobody's")] {
            let refused = who.ask(method, &path, &[], &body).await;
            assert_eq!(refused.refusal(), (401, "unproven"), "{route} with {why} token");
            assert!(refused.head.contains("www-authenticate: bearer"), "{route}");
        }
        let none = harness::web::ask(&server.addresses.console, method, &format!("/api/v1{path}"), &[], &body).await;
        assert_eq!(none.refusal(), (401, "unproven"), "{route} without a token");
        assert_eq!(lacking.ask(method, &path, &[], &body).await.refusal(), (403, "out_of_scope"), "{route}");
        let elsewhere = foreign.ask(method, &path, &[], &body).await;
        if id.is_empty() {
            let text = elsewhere.json.to_string();
            assert!(!text.contains(&task) && !text.contains(first), "{route}: {text}");
        } else {
            assert_eq!(elsewhere.refusal(), (404, "not_found"), "{route} in another organization");
        }
        let done = exact.ask(method, &path, &[], &body).await;
        assert_eq!(done.status, right, "{route}: {done:?}");
        asked.insert((route.to_owned(), scope));
        if route == "POST /dead-letters/replay" {
            replay = done.json["replay"].as_str().unwrap().to_owned();
            steps.push(("POST /replays/{replay}/stop", Box::leak(replay.clone().into_boxed_str()), String::new(), 200));
        }
    }
    assert!(!replay.is_empty());
    assert_eq!(asked, documented(), "every documented route was asked");
    let wrong_method = all.ask("DELETE", "/tasks", &[], "").await;
    assert_eq!(wrong_method.refusal(), (405, "method"));
    assert_eq!(all.get("/nothing").await.refusal(), (404, "not_found"));
}

#[tokio::test]
async fn a_token_never_may_more_than_its_person_may_now() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    let program = desk.program(&server).await;
    let task = r#"{"agent":"cso","kind":"scan"}"#;
    assert_eq!(program.post("/tasks", task).await.status, 201);
    let mut owner = owner(&server).await;
    sqlx::query("update membership set role = 'observer'").execute(&mut owner).await.unwrap();
    assert_eq!(program.post("/tasks", task).await.refusal(), (403, "forbidden"));
    assert_eq!(program.get("/tasks").await.status, 200);
    sqlx::query("delete from membership").execute(&mut owner).await.unwrap();
    assert_eq!(program.get("/tasks").await.refusal(), (401, "unproven"));
}

#[tokio::test]
async fn a_request_with_a_key_is_done_once_however_often_it_comes() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    let program = desk.program(&server).await;
    let body = r#"{"agent":"cso","kind":"scan","payload":{"task":"Once"}}"#;

    let posts = (0..20).map(|_| program.post_once("/tasks", "import 7", body));
    let answers = futures::future::join_all(posts).await;
    let made: BTreeSet<String> = answers.iter().filter(|a| a.status == 201).map(|a| a.json.to_string()).collect();
    assert_eq!(made.len(), 1, "{answers:?}");
    for late in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(late.refusal(), (409, "under_way"));
        assert!(late.head.contains("retry-after: 1"), "{late:?}");
    }
    let count = async || desk.tasks(TaskQuery::default()).await.count;
    assert_eq!(count().await, 1);

    let again = program.post_once("/tasks", "import 7", body).await;
    assert_eq!((again.status, Some(&again.json.to_string())), (201, made.first()));
    assert!(again.head.contains("location: /api/v1/tasks/0"), "{again:?}");
    let other = program.post_once("/tasks", "import 7", r#"{"agent":"cso","kind":"other"}"#).await;
    assert_eq!((other.refusal(), other.json["field"].as_str()), ((422, "invalid"), Some("idempotency-key")));
    for bad in ["", &"x".repeat(201)] {
        assert_eq!(program.post_once("/tasks", bad, body).await.status, 422, "{bad}");
    }

    // The server fell between making the task and keeping its answer.
    let lost = "update api_answer set status = null, body = null, taken_ms = 0";
    sqlx::query(lost).execute(&mut owner(&server).await).await.unwrap();
    let found = program.post_once("/tasks", "import 7", body).await;
    assert_eq!((found.status, Some(&found.json.to_string())), (201, made.first()), "the task that was made");
    assert_eq!(count().await, 1);

    // Another token's keys are others, and a refused request has used none up.
    let elsewhere = desk.program(&server).await;
    assert_eq!(elsewhere.post_once("/tasks", "import 7", body).await.status, 201);
    assert_eq!(count().await, 2);
    let early = r#"{"agent":"cto","kind":"plan"}"#;
    assert_eq!(program.post_once("/tasks", "plan", early).await.refusal(), (409, "conflict"));
    desk.service.create_agent(&desk.founder, "cto", "").await.unwrap();
    assert_eq!(program.post_once("/tasks", "plan", early).await.status, 201);

    // After a day a key is free again.
    sqlx::query("update api_answer set asked_ms = 0").execute(&mut owner(&server).await).await.unwrap();
    assert_eq!(program.post_once("/tasks", "plan", r#"{"agent":"cto","kind":"other"}"#).await.status, 201);
}

#[tokio::test]
async fn a_walk_by_cursors_finds_each_of_2500_tasks_once_while_others_come() {
    const TASKS: usize = 2_500;
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let bus = desk.agent("cso", "").await.connect().await;
    for chunk in (0..TASKS).collect::<Vec<_>>().chunks(100) {
        let sent = chunk.iter().map(|n| bus.publish("tasks.cso.scan", &[], format!(r#"{{"n":{n}}}"#)));
        for sent in futures::future::join_all(sent).await {
            sent.unwrap();
        }
    }
    eventually("all tasks", async || {
        let count = desk.tasks(TaskQuery::default()).await.count;
        if count == TASKS as u64 { Ok(()) } else { Err(format!("{count} so far")) }
    })
    .await;

    let program = desk.program(&server).await;
    let (mut found, mut pages, mut cursor) = (Vec::new(), 0, None::<String>);
    loop {
        let query = cursor.as_ref().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = program.get(&format!("/tasks?agent=cso{query}")).await;
        assert_eq!(page.status, 200, "{page:?}");
        let ids = page.json["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap().to_owned());
        found.extend(ids);
        pages += 1;
        if pages % 10 == 0 {
            assert_eq!(program.post("/tasks", r#"{"agent":"cso","kind":"scan"}"#).await.status, 201);
        }
        match page.json["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    let distinct: BTreeSet<&String> = found.iter().collect();
    assert_eq!((found.len(), distinct.len(), pages), (TASKS, TASKS, TASKS.div_ceil(50)));

    let cursor = cursor.unwrap();
    for wrong in [
        format!("/tasks?agent=cto&cursor={cursor}"),
        format!("/tasks?agent=cso&cursor={}", &cursor[1..]),
        "/tasks?cursor=".to_owned(),
        "/dead-letters?cursor=17.x".to_owned(),
    ] {
        let refused = program.get(&wrong).await;
        assert_eq!((refused.refusal(), refused.json["field"].as_str()), ((422, "invalid"), Some("cursor")), "{wrong}");
    }
    for (wrong, field) in [("state=gone", "state"), ("agnet=cso", "query"), ("from=yesterday", "from")] {
        let refused = program.get(&format!("/tasks?{wrong}")).await;
        assert_eq!((refused.refusal(), refused.json["field"].as_str()), ((422, "invalid"), Some(field)), "{wrong}");
    }
    let none = program.get("/tasks?state=dead,failed&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00%2B01:00").await;
    assert_eq!((none.status, &none.json["count"]), (200, &json!(0)), "{none:?}");
}

#[tokio::test]
async fn a_token_that_asks_too_much_is_told_when_to_come_back() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let (greedy, modest) = (desk.program(&server).await, desk.program(&server).await);
    let first = greedy.get("/journal/head").await;
    assert!(first.head.contains("ratelimit-policy: \"token\";q=600;w=60"), "{first:?}");
    assert!(first.head.contains("ratelimit: \"token\";r=599;t=1"), "{first:?}");
    let mut refused = None;
    for _ in 0..200 {
        let answers = futures::future::join_all((0..20).map(|_| greedy.get("/journal/head"))).await;
        refused = answers.into_iter().find(|answer| answer.status != 200);
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.expect("a refusal among 4,000 requests");
    assert_eq!(refused.refusal(), (429, "rate_limited"));
    assert!(refused.head.contains("ratelimit: \"token\";r=0;t=1"), "{refused:?}");
    assert!(refused.head.contains("retry-after: 1") && refused.json["retry_after_ms"] == 1000, "{refused:?}");
    let other = modest.get("/journal/head").await;
    assert!(other.status == 200 && other.head.contains("r=599"), "another token's quota is its own: {other:?}");
    eventually("the quota's return", async || {
        let answer = greedy.get("/journal/head").await;
        if answer.status == 200 { Ok(()) } else { Err(format!("{answer:?}")) }
    })
    .await;
}

#[tokio::test]
async fn the_journal_can_be_checked_by_whoever_reads_it() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let program = desk.program(&server).await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    for _ in 0..120 {
        assert_eq!(
            program.post("/tasks", r#"{"agent":"cso","kind":"scan","not_before":"2027-06-01T00:00:00Z"}"#).await.status,
            201
        );
    }
    let (mut hash, mut seq, mut query) = (countersign_domain::journal::GENESIS, 0, String::new());
    let head = program.get("/journal/head").await.json;
    loop {
        let page = program.get(&format!("/journal{query}")).await.json;
        for entry in page["entries"].as_array().unwrap() {
            seq += 1;
            hash = countersign_domain::journal::chain(&hash, entry["canonical"].as_str().unwrap().as_bytes());
            let hex = data_encoding::HEXLOWER.encode(&hash);
            assert_eq!((entry["seq"].as_u64(), entry["hash"].as_str()), (Some(seq), Some(hex.as_str())));
            if Some(seq) == head["seq"].as_u64() {
                assert_eq!(head["hash"], hex.as_str());
            }
        }
        match page["next"].as_str() {
            Some(next) => query = format!("?cursor={next}"),
            None => break,
        }
    }
    assert!(Some(seq) >= head["seq"].as_u64() && seq > 240, "{seq} entries of {head}");
    let rest = program.get(&format!("/journal?after={}", seq - 1)).await.json;
    assert!(rest["entries"][0]["seq"] == seq, "{rest}");
    let own = program.get("/journal").await.json.to_string();
    assert!(own.contains("account.token_made") && own.contains("token_made"), "{own}");
    let last = rest["entries"].as_array().unwrap().last().unwrap()["canonical"].as_str().unwrap().to_owned();
    let by_token = program.get("/journal?after=3").await.json.to_string();
    assert!(by_token.contains(r#"\"how\":\"token\",\"from\":\"127.0.0.1\",\"token\":\""#), "{last}");
    let acts = desk.service.read_acts(&desk.founder, &ActQuery::default(), Turn::Newest).await.unwrap();
    let via = acts.rows[0].via.as_ref().map(Via::words);
    assert_eq!(via.as_deref(), Some("API token “Import”"), "which one of them");
}

#[tokio::test]
async fn a_dry_run_says_what_a_replay_would_do_and_does_nothing() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await;
    dead_letters(&desk, &cso.connect().await, 2).await;
    let program = desk.program(&server).await;
    let plan = program.post("/dead-letters/replay", r#"{"agent":"cso","rate":1,"dry_run":true}"#).await;
    assert_eq!((plan.status, &plan.json["count"], &plan.json["seconds"]), (200, &json!(2), &json!(1)), "{plan:?}");
    assert_eq!(program.get("/dead-letters").await.json["count"], 2);
    let blind = program.post("/dead-letters/replay", r#"{"agent":"cso"}"#).await;
    assert_eq!(blind.json["field"], "expected");
    let other = program.post("/dead-letters/replay", r#"{"agent":"cso","expected":3}"#).await;
    assert_eq!(other.refusal(), (409, "conflict"));
    let odd = program.post("/dead-letters/replay", r#"{"agnet":"cso","expected":2}"#).await;
    assert_eq!(odd.refusal(), (422, "invalid"));
    let done = program.post_once("/dead-letters/replay", "all", r#"{"agent":"cso","expected":2}"#).await;
    assert_eq!((done.status, &done.json["count"]), (201, &json!(2)), "{done:?}");
    let again = program.post_once("/dead-letters/replay", "all", r#"{"agent":"cso","expected":2}"#).await;
    assert_eq!((again.status, &again.json), (201, &done.json));
}

/// Tables that hold this text, in whatever column, also as the bytes of it.
async fn tables_with(server: &Server, text: &str) -> Vec<String> {
    let mut owner = owner(server).await;
    let tables: Vec<(String,)> = sqlx::query_as(
        "select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(tables.len() > 20, "{tables:?}");
    let bytes = data_encoding::HEXLOWER.encode(text.as_bytes());
    let mut with = Vec::new();
    for (table,) in tables {
        let sql =
            format!("select count(*) from \"{table}\" t where strpos(t::text, $1) > 0 or strpos(t::text, $2) > 0");
        let (count,): (i64,) =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(text).bind(&bytes).fetch_one(&mut owner).await.unwrap();
        if count > 0 {
            with.push(table);
        }
    }
    with
}

#[tokio::test]
async fn a_tokens_text_is_in_no_table_and_no_log_and_its_use_is_shown() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let program = desk.program(&server).await;
    let row = async || desk.service.list_tokens(&desk.founder).await.unwrap().tokens.remove(0);
    assert_eq!(row().await.used_at, None);
    assert_eq!(program.get("/tasks").await.status, 200);
    assert_eq!(program.post_once("/tasks", "key", r#"{"agent":"none","kind":"scan"}"#).await.status, 409);
    assert_eq!(program.get("/agents/%00").await.status, 404);
    let used = row().await;
    assert!(used.used_at.is_some() && used.used_from.as_deref() == Some("127.0.0.1"), "{used:?}");
    assert_eq!((used.state, used.made_by.as_str()), (TokenState::Live, "Ada"));

    let secret = &program.token[30..];
    assert_eq!(tables_with(&server, secret).await, Vec::<String>::new());
    assert_eq!(tables_with(&server, &program.token).await, Vec::<String>::new());
    assert!(tables_with(&server, &used.id).await.contains(&"api_token".to_owned()), "the search finds what is there");
    assert!(tables_with(&server, "account.token_made").await.contains(&"journal".to_owned()));
    assert!(!server.log().contains(secret), "the log has a token");

    desk.service.revoke_token(&desk.founder, used.id.parse().unwrap()).await.unwrap();
    assert_eq!(program.get("/tasks").await.refusal(), (401, "unproven"));
    let twice = desk.service.revoke_token(&desk.founder, used.id.parse().unwrap()).await.unwrap_err().to_string();
    assert!(twice.contains("revoked already"), "{twice}");
    assert!(matches!(row().await.state, TokenState::Revoked(_)));
    let kinds: Vec<(String,)> =
        sqlx::query_as("select kind from journal where kind like 'account.token%' order by seq")
            .fetch_all(&mut owner(&server).await)
            .await
            .unwrap();
    assert_eq!(kinds, [("account.token_made".to_owned(),), ("account.token_revoked".to_owned(),)]);
}
