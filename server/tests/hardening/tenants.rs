//! Somebody of one organization who knows the ids of another one's things.

use crate::harness::{
    Desk, Server,
    ask::{Answer, FORM, ask},
    eventually,
    routes::{functions, routes},
};
use countersign_domain::{TaskId, TenantId, reading::TaskQuery, task::TaskState};
use countersign_service::ports::History;
use countersign_store::{Db, DbRole, PgHistory};
use futures::{StreamExt, stream};
use sqlx::{Connection, PgConnection};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// An id of everything in Acme, by the argument or the part of an address that takes it.
struct Ids {
    task: String,
    credential: String,
    review: String,
    quarantine: String,
    agent: String,
    trace: String,
}

/// Fills Acme with one of each.
async fn acme(server: &Server, desk: &Desk) -> Ids {
    let agent = desk.agent("cso", "").await;
    let client = agent.connect().await;
    client.publish("tasks.cso.scan", &[], r#"{"task":"One","correlation_id":"release-7"}"#).await.unwrap();
    client.publish("tasks.cso.Not-A-Kind", &[], "{").await.unwrap();
    let page = desk.await_tasks(&[TaskState::Queued], 1).await;
    let quarantined = eventually("a message in quarantine", async || {
        let rows = desk.service.list_quarantine(&desk.founder).await.map_err(|e| e.to_string())?;
        rows.into_iter().next().ok_or_else(|| "none".to_owned())
    })
    .await;
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let (credential,): (Uuid,) =
        sqlx::query_as("select id from credential limit 1").fetch_one(&mut owner).await.unwrap();
    Ids {
        task: page.rows[0].id.clone(),
        credential: credential.to_string(),
        review: desk.service.read_reviews(&desk.founder).await.unwrap().standing[0].id.clone(),
        quarantine: quarantined.id,
        agent: "cso".to_owned(),
        trace: "release-7".to_owned(),
    }
}

/// A founder of another organization; answers the cookie of their session.
async fn stranger(server: &Server, owner: &mut PgConnection) -> String {
    for sql in [
        "insert into tenant (id, slug, name, created_ms) values ($1, 'other', 'Other', 1)",
        "insert into journal_head (tenant_id, seq, hash) values ($1, 0, '')",
        "with added as (insert into person (id, email, name, password_hash, created_ms)
                        select $1, 'eve@example.com', 'Eve', password_hash, 0 from person)
         insert into membership (tenant_id, person_id, role) values ($1, $1, 'founder')",
    ] {
        sqlx::query(sql).bind(Uuid::from_u128(2)).execute(&mut *owner).await.unwrap();
    }
    let form = "email=eve%40example.com&password=correct+horse+battery";
    ask(server, "POST", "/api/account/sign_in", &[FORM, ("Accept", "application/json")], form).cookie.unwrap()
}

/// An argument that asks for `id`, or what else it takes.
fn argument<'a>(name: &str, id: &'a str) -> &'a str {
    match name {
        "reason" => "Because",
        "expected" | "priority" | "approvals" => "1",
        "enforced" | "reserved" | "desk" | "list" | "breaks_quiet" | "on" | "founders" => "true",
        "choices" => "hold",
        "payload" => "%7B%7D",
        "kind" => "scan",
        _ => id,
    }
}

/// An answer without what differs from one request to the next, and without what the asker has written.
fn plain(answer: &Answer, written: &[&str]) -> String {
    let nonce = answer.head.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or("-");
    let kept = answer.head.lines().filter(|line| !line.starts_with("date:") && !line.starts_with("content-length:"));
    let mut text = kept.collect::<Vec<_>>().join("\n") + &answer.body;
    assert!(!text.contains("Acme"), "the organization's name: {text}");
    text = text.replace(nonce, "NONCE");
    // The head is in small letters, and so is the nonce in it.
    if let Some(start) = answer.body.find("nonce=\"") {
        let own = answer.body[start + 7..].split('"').next().unwrap_or("-");
        text = text.replace(own, "NONCE");
    }
    for part in written {
        text = text.replace(part, "WRITTEN");
    }
    text
}

#[tokio::test]
async fn what_is_somebody_elses_answers_as_what_does_not_exist_at_every_address() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let ids = acme(&server, &desk).await;
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let eve = stranger(&server, &mut owner).await;
    let none = "0190f0f0-0000-7000-8000-00000000abcd";
    // Each beside one of the same shape that nobody has.
    let real: [(&str, &str); 6] = [
        (&ids.task, none),
        (&ids.credential, none),
        (&ids.review, none),
        (&ids.quarantine, none),
        (&ids.agent, "csp"),
        (&ids.trace, "release-8"),
    ];
    let reply = |method: &str, path: &str, form: &str, accept: &str| {
        let headers = [FORM, ("Accept", accept), ("Cookie", eve.as_str())];
        if method == "GET" {
            let query = if form.is_empty() { String::new() } else { format!("?{form}") };
            ask(&server, "GET", &format!("{path}{query}"), &headers, "")
        } else {
            ask(&server, method, path, &headers, form)
        }
    };
    let mut compared = 0;
    for function in functions().iter().filter(|function| function.arguments.contains(&"tenant".to_owned())) {
        for (id, none) in real {
            let form = |tenant: &str, id: &str| {
                let mut form = format!("tenant={tenant}");
                for name in function.arguments.iter().filter(|name| *name != "tenant") {
                    let field = match name.as_str() {
                        "filter" => "filter[agent]",
                        "scopes" => "scopes[]",
                        "kinds" => "kinds[]",
                        "choices" => "choices[deploy]",
                        "f" => "f[title]",
                        name => name,
                    };
                    form.push_str(&format!("&{field}={}", argument(name, id)));
                }
                form
            };
            let ask =
                |tenant: &str, id: &str| reply(&function.method, &function.path, &form(tenant, id), "application/json");
            let theirs = ask("acme", id);
            let nowhere = ask("acmf", none);
            assert_eq!(theirs.status, 404, "{} {id}: {}", function.path, theirs.body);
            assert_eq!(plain(&theirs, &["acme", id]), plain(&nowhere, &["acmf", none]), "{}", function.path);
            compared += 1;
            let once = ["/create", "/fleet/stop", "/fleet/lift"];
            if once.iter().any(|end| function.path.ends_with(end)) || function.path.starts_with("/api/account/") {
                continue;
            }
            // The same ids under one's own organization: they are nobody's there.
            let (own, unknown) = (ask("other", id), ask("other", none));
            assert_eq!(own.status, unknown.status, "{} {id}: {}", function.path, own.body);
            assert!(!own.body.contains("release-7") || id == "release-7", "{} {id}: {}", function.path, own.body);
            if own.status >= 400 {
                assert_eq!(plain(&own, &[id]), plain(&unknown, &[none]), "{} {id}", function.path);
            }
            compared += 1;
        }
    }
    let mut pages: Vec<(String, String)> =
        routes().into_iter().filter(|(_, path)| path.starts_with("/t/acme")).collect();
    for (place, id) in [
        ("tasks", &ids.task),
        ("dead-letters", &ids.task),
        ("traces", &ids.trace),
        ("fleet/agents", &ids.agent),
        ("reviews", &ids.review),
        ("roles", &ids.agent),
        ("journal", &"1".to_owned()),
    ] {
        pages.push(("GET".to_owned(), format!("/t/acme/{place}/{id}")));
    }
    for rest in
        ["", "/tasks", "/tasks/new", "/dead-letters", "/fleet", "/fleet/new", "/quarantine", "/settings/security"]
    {
        pages.push(("GET".to_owned(), format!("/t/acme{rest}")));
        pages.push(("POST".to_owned(), format!("/t/acme{rest}")));
    }
    for (method, path) in &pages {
        let form = if method == "GET" {
            ""
        } else {
            "hours=24&form=csv&act=%2Fapi%2Fagent%2Fpause&tenant=acme&name=cso&reason=x"
        };
        let theirs = reply(method, path, form, "text/html");
        let nowhere =
            reply(method, &path.replacen("/t/acme", "/t/acmf", 1), &form.replace("acme", "acmf"), "text/html");
        assert_eq!(theirs.status, 404, "{method} {path}: {}", theirs.head);
        assert_eq!(plain(&theirs, &["acme"]), plain(&nowhere, &["acmf"]), "{method} {path}");
        compared += 1;
    }
    println!("{compared} pairs of answers");
    assert!(compared > 300, "{compared}");
    let untouched = desk.task(&desk.tasks(TaskQuery::default()).await.rows[0]).await;
    assert_eq!(untouched.row.state, TaskState::Queued);
}

/// A tenant with tasks that only it has.
async fn filled(owner: &mut PgConnection, number: u128) -> TenantId {
    let tenant = Uuid::from_u128(number);
    for sql in [
        "insert into tenant (id, slug, name, created_ms) values ($1, 't' || $2, 'T', 1)",
        "insert into journal_head (tenant_id, seq, hash) values ($1, $2::bigint, '')",
        "insert into task (tenant_id, id, epoch, sequence, agent, kind, state, payload, headers, created_ms, updated_ms, priority, sender_verified)
         select $1, ($2 || lpad(n::text, 11, '0') || '00000000000000000000')::uuid, 1, n, 'a' || $2, 'scan', 'queued', '{}', '[]', n, n, 0, false
         from generate_series(1, 20) n",
    ] {
        sqlx::query(sql).bind(tenant).bind(number.to_string()).execute(&mut *owner).await.unwrap();
    }
    TenantId(tenant)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_requests_of_two_tenants_over_two_connections_see_their_own_rows_alone() {
    const REQUESTS: u32 = 10_000;
    let server = Server::start(&[]);
    server.set_up().await;
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let tenants = [filled(&mut owner, 1).await, filled(&mut owner, 2).await];
    let history = Arc::new(PgHistory::new(Db::new(server.owner(), DbRole::Web, 2)));
    let outcomes: Vec<(bool, bool)> = stream::iter(0..REQUESTS)
        .map(|n| {
            let history = Arc::clone(&history);
            async move {
                let own = usize::try_from(n % 2).unwrap();
                let read = async {
                    let page = history.search(tenants[own], &TaskQuery::default()).await.unwrap();
                    let agent = format!("a{}", own + 1);
                    let others: Vec<_> = page.rows.iter().filter(|row| row.agent != agent).collect();
                    assert!(others.is_empty(), "request {n} saw {others:?}");
                    assert_eq!((page.rows.len(), page.count), (20, 20), "request {n}");
                    // An id of the other's, read by name.
                    let other = 2 - u128::try_from(own).unwrap();
                    let id = format!("{other}{:0>11}00000000000000000000", n % 20 + 1).parse::<TaskId>().unwrap();
                    let theirs = history.task(tenants[own], id).await;
                    assert!(theirs.is_err(), "request {n} read the other's task");
                };
                // Every seventh is left in the middle of it: its connection must not carry its tenant on.
                if n % 7 == 0 {
                    let patience = Duration::from_micros(u64::from(n) * 7_919 % 3_000);
                    return (false, tokio::time::timeout(patience, read).await.is_err());
                }
                read.await;
                (true, false)
            }
        })
        .buffer_unordered(6)
        .collect()
        .await;
    let (read, left) = (outcomes.iter().filter(|o| o.0).count(), outcomes.iter().filter(|o| o.1).count());
    println!("{read} read, {left} left in the middle");
    assert!(read > 8_000 && left > 100, "{read} {left}");
    // Without a tenant a connection of that role sees nobody's rows.
    let mut bare = PgConnection::connect_with(&server.owner()).await.unwrap();
    sqlx::query("set role countersign_web").execute(&mut bare).await.unwrap();
    let (none,): (i64,) = sqlx::query_as("select count(*) from task").fetch_one(&mut bare).await.unwrap();
    assert_eq!(none, 0);
}
