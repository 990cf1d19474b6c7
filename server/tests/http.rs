//! The console's outside: who gets in, and which headers every answer carries.

mod harness;

use harness::{
    Server,
    ask::{Answer, FORM, ask},
};

/// Signs in as a browser without JavaScript does; answers the cookie.
fn sign_in(server: &Server) -> String {
    let answer = ask(
        server,
        "POST",
        "/api/account/sign_in",
        &[FORM, ("Accept", "text/html"), ("Referer", "/sign-in")],
        "email=ada%40example.com&password=correct+horse+battery&next=",
    );
    let cookie = answer.head.lines().find_map(|l| l.strip_prefix("set-cookie: ")).expect("a session cookie");
    assert!(cookie.contains("httponly") && cookie.contains("samesite=lax") && cookie.contains("path=/"), "{cookie}");
    answer.cookie.unwrap()
}

#[tokio::test]
async fn without_a_session_nothing_is_shown_and_nothing_is_done() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    for page in ["/t/acme", "/t/acme/tasks", "/t/acme/fleet", "/t/acme/fleet/agents/cso", "/t/acme/quarantine"] {
        let answer = ask(&server, "GET", page, &[("Accept", "text/html")], "");
        assert_eq!(answer.status, 302, "{page}");
        assert!(answer.head.contains("location: /sign-in"), "{page}: {}", answer.head);
    }
    let answer = ask(&server, "POST", "/t/acme/fleet/cso/credential", &[FORM], "hours=24");
    assert!(answer.head.contains("location: /sign-in") && !answer.body.contains("BEGIN"), "{}", answer.head);
    assert_eq!(ask(&server, "GET", "/t/acme/live", &[], "").status, 204);
    assert_eq!(ask(&server, "GET", "/nowhere", &[], "").status, 404);
    assert_eq!(ask(&server, "GET", "/api/account/sign_in", &[], "").status / 100, 4, "no change on GET");
}

#[tokio::test]
async fn a_change_from_another_site_is_refused() {
    let server = Server::start(&[]);
    server.set_up().await;
    let hostile: [&[(&str, &str)]; 4] = [
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null")],
    ];
    for headers in hostile {
        for path in ["/api/account/sign_in", "/t/acme/fleet/cso/credential"] {
            let mut all = vec![FORM];
            all.extend(headers);
            assert_eq!(ask(&server, "POST", path, &all, "email=a&password=b").status, 403, "{path} {headers:?}");
        }
    }
}

#[tokio::test]
async fn every_class_of_answer_carries_its_headers() {
    let server = Server::start(&[]);
    for path in ["/sign-in", "/healthz", "/nowhere", "/pkg/none.js", "/t/acme/live", "/api/none"] {
        let head = ask(&server, "GET", path, &[], "").head;
        for header in [
            "content-security-policy: default-src 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: same-origin",
        ] {
            assert!(head.contains(header), "{path} lacks {header}: {head}");
        }
    }
    let nonce = |answer: &Answer| answer.head.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    let (one, two) = (ask(&server, "GET", "/sign-in", &[], ""), ask(&server, "GET", "/sign-in", &[], ""));
    assert_ne!(nonce(&one), nonce(&two));
    assert!(!one.head.contains("unsafe-inline") && !one.body.contains(" style="));
}

#[tokio::test]
async fn guessing_a_password_ends_for_the_guesser_and_says_the_same_for_unknown_people() {
    let server = Server::start(&[]);
    server.set_up().await;
    let guess = |email: &str| {
        let body = format!("email={email}&password=wrong+wrong+wrong&next=");
        ask(&server, "POST", "/api/account/sign_in", &[FORM, ("Accept", "application/json")], &body)
    };
    let (known, unknown) = (guess("ada%40example.com"), guess("nobody%40example.com"));
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    let answers: Vec<u16> = (0..8).map(|_| guess("ada%40example.com").status).collect();
    assert_eq!(answers[7], 429);
}

#[tokio::test]
async fn a_session_ends_with_signing_out() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    assert!(sign_in(&server).starts_with("countersign="));
    let cookie = desk.cookie().await;
    let cookie = ("Cookie", cookie.as_str());
    assert_eq!(ask(&server, "GET", "/t/acme", &[cookie], "").status, 200);
    assert_eq!(ask(&server, "GET", "/t/other", &[cookie], "").status, 404, "another tenant's address is no address");
    let live = ask(&server, "GET", "/t/acme/live", &[cookie], "");
    assert!(live.head.contains("text/event-stream") && live.body.contains("event: changed"), "{}", live.body);
    ask(&server, "POST", "/api/account/sign_out", &[FORM, cookie, ("Accept", "text/html")], "");
    assert_eq!(ask(&server, "GET", "/t/acme", &[cookie], "").status, 302);
}
