//! Requests that another site makes somebody's browser send.

use crate::harness::{
    Server,
    ask::{ALL, FORM, address, ask},
    dump::dump,
    eventually,
    routes::{changes, functions},
};
use sqlx::{Connection, PgConnection};

/// What browsers say of such requests, and what those say that lie.
const HOSTILE: [(&str, &[(&str, &str)]); 7] = [
    ("cross-site", &[("Sec-Fetch-Site", "cross-site")]),
    ("another host of the same site", &[("Sec-Fetch-Site", "same-site")]),
    (
        "another origin, in a browser with Fetch metadata",
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")],
    ),
    ("another origin, in an old browser", &[("Origin", "https://evil.example")]),
    ("no origin at all", &[("Origin", "null")]),
    ("a name that was pointed here", &[("Origin", "http://evil.example"), ("Host", "evil.example")]),
    (
        "a name that a proxy is said to have seen",
        &[("Origin", "https://evil.example"), ("X-Forwarded-Host", "evil.example"), ("Forwarded", "host=evil.example")],
    ),
];

#[tokio::test]
async fn no_other_site_changes_anything_at_any_address() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cookie = desk.cookie().await;
    let mut asked = 0;
    for (method, path) in changes() {
        for (what, headers) in HOSTILE {
            let mut all = vec![FORM, ("Accept", "text/html"), ("Cookie", cookie.as_str())];
            all.extend(headers);
            let answer = ask(&server, &method, &path, &all, ALL);
            assert_eq!(answer.status, 403, "{method} {path} from {what}: {}", answer.head);
            assert!(answer.cookie.is_none() && answer.body.contains("nothing was done"), "{path}: {}", answer.body);
            asked += 1;
        }
    }
    assert!(asked > 200, "{asked}");
    // The same from the console's own pages, by each of its names.
    let own = format!("http://{}", address(&server));
    let local = format!("http://localhost:{}", own.rsplit(':').next().unwrap());
    for (origin, host) in [(own.as_str(), &own[7..]), (local.as_str(), &local[7..])] {
        let headers =
            [FORM, ("Accept", "application/json"), ("Cookie", cookie.as_str()), ("Origin", origin), ("Host", host)];
        let form = "tenant=acme&kind=scan&payload=%7B%7D&agent=nobody";
        let answer = ask(&server, "POST", "/api/task/create", &headers, form);
        assert!(answer.status != 403 && answer.body.contains("nobody"), "{origin}: {} {}", answer.status, answer.body);
    }
}

#[tokio::test]
async fn behind_a_proxy_that_writes_another_host_the_public_address_is_believed_and_no_other() {
    let server = Server::start(&["--public-url", "https://console.example.com"]);
    server.set_up().await;
    let sign_in = |origin: &str| {
        let headers = [FORM, ("Accept", "application/json"), ("Origin", origin), ("Host", "console.internal:8080")];
        let form = "email=ada%40example.com&password=correct+horse+battery";
        ask(&server, "POST", "/api/account/sign_in", &headers, form)
    };
    assert!(sign_in("https://console.example.com").cookie.is_some());
    for other in ["http://console.example.com", "https://console.internal:8080", "https://example.com", "null"] {
        assert_eq!(sign_in(other).status, 403, "{other}");
    }
}

/// What moves by itself while nobody does anything: telemetry, duties, what the bus brings and is told, and when somebody was
/// last seen. A change that somebody makes is in the journal, which is none of these.
const MOVES: [&str; 10] =
    ["agent_live", "checkpoint", "duty", "lease", "mail", "membership", "outbox", "replica", "session", "witness"];

#[tokio::test]
async fn asking_changes_nothing() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    let cookie = desk.cookie().await;
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let kept = async |owner: &mut PgConnection| {
        let mut all = dump(owner).await;
        all.retain(|table, _| !MOVES.contains(&table.as_str()));
        all
    };
    // What the server notes by itself of the review that waits is there before anybody asks.
    eventually("the review is known to wait", async || {
        let (known,): (bool,) = sqlx::query_as("select exists (select from notice)")
            .fetch_one(&mut owner)
            .await
            .map_err(|e| e.to_string())?;
        if known { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
    let before = kept(&mut owner).await;
    let mut asked = 0;
    for function in functions() {
        // As a link, and as a script; a function that changes something must not answer to either.
        for accept in ["text/html", "application/json"] {
            let headers = [("Accept", accept), ("Cookie", cookie.as_str())];
            let answer = ask(&server, "GET", &format!("{}?{ALL}", function.path), &headers, "");
            if function.method != "GET" {
                assert_eq!(answer.status / 100, 4, "GET {}: {}", function.path, answer.head);
            }
            asked += 1;
        }
    }
    for page in [
        "",
        "/tasks",
        "/tasks/new",
        "/dead-letters",
        "/fleet",
        "/fleet/agents/cso",
        "/quarantine",
        "/audit",
        "/settings/security",
        "/settings/members",
        "/settings/mail",
        "/settings/notifications",
        "/settings/webhooks",
        "/settings/sso",
        "/settings/tokens",
    ] {
        let answer = ask(&server, "GET", &format!("/t/acme{page}?{ALL}"), &[("Cookie", cookie.as_str())], "");
        assert_eq!(answer.status, 200, "{page}");
        asked += 1;
    }
    let after = kept(&mut owner).await;
    assert!(asked > 70);
    for (table, rows) in &before {
        assert_eq!(rows, &after[table], "{table}");
    }
    assert_eq!(ask(&server, "GET", "/t/acme", &[("Cookie", cookie.as_str())], "").status, 200, "still signed in");
}
