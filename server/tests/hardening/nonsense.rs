//! What no form sends, in every argument of every server function.

use crate::harness::{
    Desk, Server,
    ask::{Answer, FORM, ask},
    eventually,
    routes::Function,
};
use countersign_app::api::ApiError;
use countersign_domain::task::TaskState;
use leptos::server_fn::error::FromServerFnError;

/// Percent-encoded, since some are no text.
fn values() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        "%00",
        "a%00b",
        "%00%00%00",
        "%01%02%03%7f",
        "%1b%5b31m",
        "%0d%0aSet-Cookie:%20x=y",
        "%0a",
        "%09",
        "%ff%fe",
        "%c3%28",
        "%ed%a0%80",
        "%f4%90%80%80",
        "%e2%80%ae%e2%80%8b",
        "%f3%a0%81%81",
        "%cc%81%cc%81%cc%81",
        "-1",
        "0",
        "1",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "1e400",
        "NaN",
        "0x10",
        "%27%20or%20%271%27=%271",
        "%22%3b%20drop%20table%20task%3b--",
        "%5c",
        "%5c%27",
        "%24%7bjndi:ldap://x%7d",
        "%25%25%25s%25n",
        "../../../../etc/passwd",
        "%2e%2e%2f%2e%2e%2f",
        "/",
        "//evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "{}",
        "[]",
        "null",
        "true",
        "%7B%22a%22:%7B%7D",
        "%22",
        "%",
        "%zz",
        "%2",
        "+",
        "&",
        "=",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "not-a-uuid",
        "%5Bobject%20Object%5D",
        "0.0000000000000000000001",
        "2026-13-45T99:99",
        "9999999999999-12-31",
        "%F0%9F%92%A9",
        "%EF%BC%A1%EF%BC%A2",
    ]
    .map(ToOwned::to_owned)
    .into();
    all.push("x".repeat(100_000));
    all.push("%00".repeat(10_000));
    all.push("%5B".repeat(20_000));
    all.push("%7B%22a%22:".repeat(5_000));
    all
}

/// Entries that a form would send, but for the one argument.
fn form(function: &Function, odd: &str, value: &str, task: &str) -> String {
    let usual = |name: &str| {
        match name {
            "tenant" => "acme",
            "agent" | "name" => "cso",
            "kind" => "scan",
            "payload" => "%7B%7D",
            "reason" => "Because",
            "expected" | "priority" => "1",
            "id" => task,
            _ => "0190f0f0-0000-7000-8000-000000000000",
        }
        .to_owned()
    };
    let entries = function.arguments.iter().map(|name| {
        let value = if name == odd { value.to_owned() } else { usual(name) };
        // The filters of lists are several entries each.
        if name == "filter" {
            format!("filter[agent]={value}&filter[older]={value}&filter[text]={value}")
        } else {
            format!("{name}={value}")
        }
    });
    entries.collect::<Vec<_>>().join("&")
}

fn check(what: &str, answer: &Answer) {
    assert!((200..500).contains(&answer.status), "{what}: {} {} {}", answer.status, answer.head, answer.body);
    assert!(!answer.head.contains("set-cookie: x=y"), "{what}: {}", answer.head);
    if answer.status < 400 {
        return;
    }
    let sentence = match ApiError::de(answer.body.clone().into()) {
        ApiError::Unreachable { .. } => answer.body.clone(),
        error => error.to_string(),
    };
    // A file may have several faults, a line each.
    assert!(sentence.lines().all(|line| line.len() < 400) && !sentence.contains('\0'), "{what}: {sentence}");
    for inside in
        ["sqlx", "panicked", "stack backtrace", "postgres", "syntax error", "invalid byte sequence", "src/", ".rs:"]
    {
        assert!(!sentence.contains(inside), "{what} tells what is inside: {sentence}");
    }
}

async fn filled(server: &Server) -> (Desk, String) {
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    cso.publish("tasks.cso.scan", &[], r#"{"task":"One"}"#).await.unwrap();
    let task = desk.await_tasks(&[TaskState::Queued], 1).await.rows[0].id.clone();
    (desk, task)
}

#[tokio::test]
async fn no_argument_of_any_server_function_makes_the_server_fail() {
    let server = Server::start(&[]);
    let (desk, task) = filled(&server).await;
    let mut asked = 0;
    // Some end the session or count tries, so each has its own, from before there are any.
    let mut functions: Vec<(Function, String)> = Vec::new();
    for function in crate::harness::routes::functions() {
        functions.push((function, desk.cookie().await));
    }
    let last = desk.cookie().await;
    for (function, cookie) in functions {
        for argument in &function.arguments {
            for value in values() {
                let form = form(&function, argument, &value, &task);
                let headers = [FORM, ("Accept", "application/json"), ("Cookie", cookie.as_str())];
                let answer = if function.method == "GET" && form.len() < 30_000 {
                    ask(&server, "GET", &format!("{}?{}", function.path, form.replace(' ', "%20")), &headers, "")
                } else if function.method == "GET" {
                    continue;
                } else {
                    ask(&server, "POST", &function.path, &headers, &form)
                };
                check(&format!("{} {argument}={value:.60}", function.path), &answer);
                asked += 1;
            }
        }
    }
    println!("{asked} requests");
    assert!(asked > 3_000, "{asked}");
    let log = server.log();
    let complaint = log.lines().find(|line| line.contains("ERROR") || line.contains("panicked"));
    assert_eq!(complaint, None, "in the log");
    eventually("an answer to a reasonable question", async || {
        let answer = ask(&server, "GET", "/t/acme", &[("Cookie", &last)], "");
        if answer.status == 200 { Ok(()) } else { Err(answer.head) }
    })
    .await;
}

#[tokio::test]
async fn no_address_and_no_form_of_a_page_makes_the_server_fail() {
    let server = Server::start(&[]);
    let (desk, _) = filled(&server).await;
    let cookie = desk.cookie().await;
    let headers = [FORM, ("Accept", "text/html"), ("Cookie", cookie.as_str())];
    let mut asked = 0;
    for value in values().into_iter().filter(|value| value.len() < 30_000) {
        for place in [
            "/t/acme/tasks/",
            "/t/acme/traces/",
            "/t/acme/dead-letters/",
            "/t/acme/fleet/agents/",
            "/t/acme/journal/",
            "/t/",
            "/set-up/",
            "/t/acme/tasks?text=",
            "/t/acme/tasks?after=",
            "/t/acme/dead-letters?older=",
            "/t/acme/dead-letters?fingerprint=",
            "/sign-in?next=",
        ] {
            let answer = ask(&server, "GET", &format!("{place}{value}"), &headers, "");
            assert!((200..500).contains(&answer.status), "{place}{value:.60}: {} {}", answer.status, answer.head);
            assert!(!answer.head.contains("location: https://evil"), "{place}{value}: {}", answer.head);
            asked += 1;
        }
        for form in [
            format!("act={value}"),
            format!("act=%2Fapi%2Ftask%2Fcancel&tenant=acme&id={value}&reason={value}"),
            value.clone(),
        ] {
            let answer = ask(&server, "POST", "/t/acme/tasks", &headers, &form);
            assert!((200..500).contains(&answer.status), "{form:.60}: {} {}", answer.status, answer.head);
            asked += 1;
        }
        let hours = ask(&server, "POST", "/t/acme/fleet/cso/credential", &headers, &format!("hours={value}"));
        assert!((200..500).contains(&hours.status), "{value:.60}: {}", hours.status);
    }
    println!("{asked} requests");
    assert!(asked > 600, "{asked}");
}
