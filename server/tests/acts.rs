//! What a browser may ask: who is let in, and how a refusal comes back.

mod harness;

use async_nats::jetstream::AckKind;
use countersign_domain::reading::LetterQuery;
use harness::{
    Desk, Server,
    ask::{ALL, FORM, ask},
    eventually,
    stock::Connection,
};

#[tokio::test]
async fn every_server_function_asks_who_it_is_and_changes_nothing_for_a_stranger() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    // Whoever calls these proves by a password or a link who they are, or says nothing of themselves.
    let open = [
        "/sign_in",
        "/sign_in_code",
        "/sign_in_passkey",
        "/ask_for_passkey",
        "/set_up",
        "/sign_out",
        "/accept_invitation",
        "/ask_recovery",
        "/recover",
        "/sso/find",
    ];
    let mut asked = 0;
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        if open.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let json = ("Accept", "application/json");
        let answer = if method == axum::http::Method::GET {
            ask(&server, "GET", &format!("{path}?{ALL}"), &[json], "")
        } else {
            ask(&server, "POST", path, &[FORM, json], ALL)
        };
        assert_eq!((answer.status, answer.body.as_str()), (401, "\"signed_out\""), "{method} {path}");
        for hostile in [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example"), ("Origin", "null")] {
            if method != axum::http::Method::GET {
                assert_eq!(ask(&server, "POST", path, &[FORM, json, hostile], ALL).status, 403, "{path} {hostile:?}");
            }
        }
        asked += 1;
    }
    assert!(asked > 20, "{asked} server functions");
}

#[tokio::test]
async fn a_refused_form_is_answered_with_its_own_page_and_all_that_was_entered() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    let cookie = desk.cookie().await;
    let cookie = ("Cookie", cookie.as_str());
    let html = ("Accept", "text/html");
    let form = |payload: &str| format!("act=%2Fapi%2Ftask%2Fcreate&tenant=acme&agent=cso&kind=scan&payload={payload}");

    let refused = ask(&server, "POST", "/t/acme/tasks/new", &[FORM, html, cookie], &form("%3C%2Ftextarea%3E%7B%26"));
    assert_eq!(refused.status, 422, "{}", refused.head);
    assert!(
        refused.head.contains("content-security-policy: default-src 'none'; script-src 'nonce-"),
        "{}",
        refused.head
    );
    assert!(refused.body.contains("This is not JSON") && refused.body.contains("&lt;/textarea>{&amp;"));

    let done = ask(&server, "POST", "/t/acme/tasks/new", &[FORM, html, cookie], &form("%7B%7D"));
    assert_eq!(done.status, 303, "{}", done.head);
    assert!(done.head.contains("location: /t/acme/tasks/0"), "{}", done.head);

    // A stranger is shown in first; another site, and what names no server function, are not let in at all.
    let stranger = ask(&server, "POST", "/t/acme/tasks/new", &[FORM, html], &form("%7B%7D"));
    assert!(stranger.status == 302 && stranger.head.contains("location: /sign-in?next="), "{}", stranger.head);
    let hostile = ("Sec-Fetch-Site", "cross-site");
    assert_eq!(ask(&server, "POST", "/t/acme/tasks/new", &[FORM, html, cookie, hostile], &form("%7B%7D")).status, 403);
    for act in
        ["", "act=%2Fhealthz&", "act=%2Ft%2Facme%2Ffleet%2Fcso%2Fcredential&", "act=%2F%2Fevil.example%2Fapi%2F&"]
    {
        let answer = ask(&server, "POST", "/t/acme/tasks/new", &[FORM, html, cookie], &format!("{act}hours=24"));
        assert_eq!(answer.status, 405, "{act}");
    }
    let none = ask(&server, "POST", "/t/acme/tasks/new", &[FORM, html, cookie], "act=%2Fapi%2Ftask%2Fnone");
    assert_eq!(none.status, 400, "{}", none.head);
    let large = format!("act=%2Fapi%2Ftask%2Fcreate&payload={}", "x".repeat(1_100_000));
    assert_eq!(ask(&server, "POST", "/t/acme/tasks/new", &[FORM, html, cookie], &large).status, 413);
}

/// So many tasks that their worker gave up.
async fn dead_letters(desk: &Desk, cso: &Connection, count: usize) -> Vec<String> {
    for n in 0..count {
        cso.publish("tasks.cso.scan", &[], format!(r#"{{"n":{n}}}"#)).await.unwrap();
        cso.take().await.ack_with(AckKind::Term).await.unwrap();
    }
    let waiting =
        async || desk.service.read_dead_letters(&desk.founder, &LetterQuery::default()).await.unwrap().letters;
    eventually("the letters", async || {
        let found = waiting().await.len();
        if found == count { Ok(()) } else { Err(format!("{found} wait")) }
    })
    .await;
    waiting().await.into_iter().map(|letter| letter.id).collect()
}

#[tokio::test]
async fn what_cannot_be_done_to_a_task_or_a_letter_is_refused_with_a_status_that_says_why() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await;
    let cookie = desk.cookie().await;
    let (cookie, json) = (("Cookie", cookie.as_str()), ("Accept", "application/json"));
    let act = |path: &str, form: &str| {
        ask(&server, "POST", &format!("/api/{path}"), &[FORM, json, cookie], &format!("tenant=acme&{form}"))
    };

    let bus = cso.connect().await;
    let letters = dead_letters(&desk, &bus, 2).await;
    let (dismissed, replayed) = (&letters[0], &letters[1]);
    assert_eq!(act("letter/dismiss", &format!("id={dismissed}&reason=Obsolete")).status, 200);
    let broken = act("letter/mend", &format!("id={replayed}&payload=%7B%22task%22"));
    assert!(broken.status == 422 && broken.body.contains("JSON"), "{} {}", broken.head, broken.body);
    assert_eq!(act("letter/replay", &format!("id={replayed}")).status, 200);
    for (path, letter, why) in [
        ("letter/replay", dismissed, "dismissed"),
        ("letter/dismiss", dismissed, "dismissed"),
        ("letter/replay", replayed, "replayed already"),
    ] {
        let answer = act(path, &format!("id={letter}&reason=Again"));
        assert!(answer.status == 409 && answer.body.contains(why), "{path}: {} {}", answer.head, answer.body);
    }

    let task = |more: &str| act("task/create", &format!("agent=cso&kind=scan&payload=%7B%7D&{more}"));
    for wrong in ["priority=-1", "priority=10", "priority=high", "not_before=2020-01-01T00%3A00", "not_before=soon"] {
        let answer = task(wrong);
        assert_eq!(answer.status, 422, "{wrong}: {}", answer.body);
    }
    let raised = act("task/reprioritise", &format!("id={replayed}&priority=-1"));
    assert_eq!(raised.status, 422, "{}", raised.body);
    let ended = act("task/cancel", &format!("id={dismissed}"));
    assert_eq!(ended.status, 409, "{}", ended.body);
    let unknown = "0190f0f0-0000-7000-8000-000000000000";
    for path in ["task/cancel", "letter/replay", "letter/dismiss"] {
        assert_eq!(act(path, &format!("id={unknown}&reason=None")).status, 404, "{path}");
    }
}
