//! What every answer carries, whatever it answers to.

use crate::harness::{
    Server,
    ask::{Answer, FORM, ask, send},
    eventually, signal,
};
use std::collections::HashSet;

const JSON: (&str, &str) = ("Accept", "application/json");
const HTML: (&str, &str) = ("Accept", "text/html");

/// What all have. That of pages is looked at by itself.
const ALWAYS: [&str; 7] = [
    "content-security-policy: default-src 'none'",
    "x-content-type-options: nosniff",
    "referrer-policy: same-origin",
    "cross-origin-opener-policy: same-origin",
    "cross-origin-resource-policy: same-origin",
    "permissions-policy: camera=(), geolocation=(), microphone=()",
    "strict-transport-security: max-age=31536000; includesubdomains",
];

/// Header and body of a class of answers: no page, so nothing may run in it.
fn inert(what: &str, answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{what}: {}", answer.head);
    for header in ALWAYS {
        assert!(answer.head.contains(header), "{what} lacks {header}: {}", answer.head);
    }
    assert!(answer.head.contains("frame-ancestors 'none'"), "{what}: {}", answer.head);
    assert!(!answer.head.contains("unsafe-inline") && !answer.head.contains("access-control-allow"), "{}", answer.head);
    assert!(answer.head.contains("cache-control: "), "{what}: {}", answer.head);
    for told in ["\r\nserver:", "x-powered-by"] {
        assert!(!answer.head.contains(told), "{what} tells what it is made of: {}", answer.head);
    }
}

fn page(what: &str, answer: &Answer, status: u16) -> String {
    inert(what, answer, status);
    let nonce = answer.head.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
    let nonce = nonce.unwrap_or_else(|| panic!("{what} has no nonce: {}", answer.head)).to_owned();
    for part in ["'strict-dynamic'", "form-action 'self'", "base-uri 'none'", "object-src 'none'"] {
        assert!(answer.head.contains(part), "{what} lacks {part}: {}", answer.head);
    }
    assert!(answer.head.contains("cache-control: no-store"), "{what}: {}", answer.head);
    let body = answer.body.to_lowercase();
    for inline in [" style=", " onclick=", " onload=", "javascript:", " onerror="] {
        assert!(!body.contains(inline), "{what} has {inline}");
    }
    for script in body.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap();
        assert!(tag.contains(&format!("nonce=\"{}\"", nonce.to_lowercase())), "{what}: <script{tag}>");
    }
    nonce
}

#[tokio::test]
async fn every_class_of_answer_carries_its_headers() {
    let server = Server::start(&["--public-url", "https://console.example.com"]);
    let desk = server.set_up().await;
    let (_, review) = desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    desk.approve(review).await;
    let cookie = format!("__Host-{}", desk.cookie().await);
    let cookie = ("Cookie", cookie.as_str());
    let get = |path: &str, headers: &[(&str, &str)]| ask(&server, "GET", path, headers, "");
    let post = |path: &str, headers: &[(&str, &str)], form: &str| ask(&server, "POST", path, headers, form);

    page("a page", &get("/t/acme", &[cookie, HTML]), 200);
    page("the page for those who are not signed in", &get("/sign-in", &[HTML]), 200);
    page("the page that says that there is none", &get("/nowhere", &[HTML]), 404);
    page("a page of somebody else's", &get("/t/other/tasks", &[cookie, HTML]), 404);
    inert("the way to sign-in", &get("/t/acme", &[HTML]), 302);
    let refused = "act=%2Fapi%2Fagent%2Fpause&tenant=acme&name=cso&reason=";
    page("a form that was refused", &post("/t/acme/fleet/agents/cso", &[cookie, FORM, HTML], refused), 422);
    inert("what a script asks", &get("/api/fleet/draw?tenant=acme", &[cookie, JSON]), 200);
    inert("what it may not", &get("/api/fleet/draw?tenant=acme", &[JSON]), 401);
    inert("what there is not", &get("/api/none", &[JSON]), 404);
    let download = post("/t/acme/fleet/cso/credential", &[cookie, FORM], "hours=24");
    inert("a download", &download, 200);
    for part in ["sandbox", "content-disposition: attachment", "cache-control: no-store", "application/octet-stream"] {
        assert!(download.head.contains(part), "{}", download.head);
    }
    let files = server.dir.with_file_name("site").join("pkg");
    std::fs::create_dir_all(&files).unwrap();
    std::fs::write(files.join("a.js"), "export {}").unwrap();
    let file = get("/pkg/a.js", &[]);
    inert("a file", &file, 200);
    assert!(file.head.contains("immutable"), "{}", file.head);
    let missing = get("/pkg/none.js", &[]);
    inert("a file that there is not", &missing, 404);
    assert!(missing.head.contains("cache-control: no-store"), "it may be there soon: {}", missing.head);
    inert("no way out of the folder", &get("/pkg/..%2f..%2fdata%2fsecret.key", &[]), 404);
    inert("no list of files", &get("/pkg/", &[]), 404);
    let stream = get("/t/acme/live", &[cookie]);
    inert("the stream", &stream, 200);
    assert!(stream.head.contains("text/event-stream"), "{}", stream.head);
    inert("a stream of nobody", &get("/t/acme/live", &[]), 204);
    inert("another site's", &post("/api/account/sign_in", &[FORM, ("Sec-Fetch-Site", "cross-site")], ""), 403);
    let large = send(&server, b"POST /api/account/sign_in HTTP/1.0\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n");
    inert("what is too large", &large, 413);
    inert("another method", &ask(&server, "DELETE", "/healthz", &[], ""), 405);
    inert("a probe", &get("/healthz", &[]), 200);
    inert("an agent's question", &post("/api/v1/claims", &[], "{}"), 401);
    inert("no address of agents", &post("/api/v1/none", &[], "{}"), 404);

    // Without its settings it cannot be started again, so it stays away.
    let data = server.dir.join("postgres");
    std::fs::rename(data.join("postgresql.conf"), data.join("away")).unwrap();
    signal(server.pid_in("postgres/postmaster.pid"), "KILL");
    let away = eventually("the probe says that the database is away", async || {
        let answer = get("/readyz", &[]);
        if answer.status == 503 { Ok(answer) } else { Err(answer.head) }
    })
    .await;
    inert("a probe while the database is away", &away, 503);
    assert!(away.head.contains("retry-after: "), "{}", away.head);
}

#[tokio::test]
async fn a_thousand_pages_have_a_thousand_nonces_and_no_style_or_script_without_one() {
    let server = Server::start(&["--public-url", "https://console.example.com"]);
    let nonces: HashSet<String> =
        (0..1_000).map(|_| page("a page", &ask(&server, "GET", "/sign-in", &[HTML], ""), 200)).collect();
    assert_eq!(nonces.len(), 1_000);
    // 128 bits, as base64 writes them (OWASP ASVS 5.0, 3.4.3 with CSP Level 3, section 7.1).
    assert!(nonces.iter().all(|nonce| nonce.len() >= 22), "{:?}", nonces.iter().next());
}
