//! Too much of anything: bodies, heads, connections that say nothing.

use crate::harness::{
    Server,
    ask::{FORM, address, ask, send},
    routes::{changes, routes},
};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

/// Resident memory of the server's own process, in KiB: what it is, and the most that it was since `forget`.
fn memory(server: &Server) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let of = |name: &str| -> u64 {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (of("VmRSS:"), of("VmHWM:"))
}

/// Begins to count the most anew (`proc(5)`, `clear_refs`).
fn forget(server: &Server) {
    std::fs::write(format!("/proc/{}/clear_refs", server.child.id()), "5").unwrap();
}

/// Half of what a loaded machine may take longer than an idle one is no business of this test.
const SOON: Duration = Duration::from_millis(100);

/// How long until the first byte of an answer, or the end of the connection.
fn until_refused(server: &Server, head: &str, mut body: impl FnMut(&mut TcpStream) -> bool) -> (Duration, String) {
    let mut stream = TcpStream::connect(address(server)).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let started = Instant::now();
    stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let mut answer = [0; 512];
    let mut sending = true;
    loop {
        match stream.read(&mut answer) {
            Ok(read) => return (started.elapsed(), String::from_utf8_lossy(&answer[..read]).into_owned()),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => return (started.elapsed(), String::new()),
        }
        assert!(started.elapsed() < Duration::from_secs(10), "no answer to {head}");
        sending = sending && body(&mut stream);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_at_once_and_kept_nowhere() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    let cookie = desk.cookie().await;
    // What a first request makes (statements, views) is no growth.
    for (_, path) in changes() {
        ask(&server, "POST", &path, &[FORM, ("Cookie", &cookie), ("Accept", "application/json")], "tenant=acme");
    }
    // One of the requests above has signed out.
    let cookie = desk.cookie().await;
    forget(&server);
    let (before, _) = memory(&server);
    let every = changes().into_iter().chain(routes()).chain([("GET".to_owned(), "/t/acme/tasks".to_owned())]);
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let mut slow = Vec::new();
    for (method, path) in every {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nAccept: application/json\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n",
            address(&server)
        );
        // It says so.
        let (took, answer) = until_refused(&server, &format!("{head}Content-Length: 1000000000\r\n\r\n"), |_| false);
        let status = answer.get(9..12).unwrap_or_default().to_owned();
        assert_eq!(status, "413", "{method} {path}: {answer}");
        if took > SOON {
            slow.push(format!("{method} {path} took {took:?}"));
        }
        // It does not say so: up to 64 MiB in pieces.
        let mut sent = 0;
        let stream = |stream: &mut TcpStream| {
            sent += chunk.len();
            sent < 64 * 1024 * 1024 && stream.write_all(chunk.as_bytes()).is_ok()
        };
        let (_, answer) = until_refused(&server, &format!("{head}Transfer-Encoding: chunked\r\n\r\n"), stream);
        let status: u16 = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        // 0: closed on a sender that does not stop. What takes no body may answer without having read it.
        assert!(status < 500, "{method} {path}: {answer}");
        assert!(sent < 16 * 1024 * 1024, "{method} {path} read {sent} bytes");
    }
    let (after, most) = memory(&server);
    println!("from {before} KiB to {after}, at most {most}");
    assert!(most < before + 20 * 1024, "from {before} KiB to {most}");
    assert!(slow.len() <= 2, "{slow:?}");
}

#[tokio::test]
async fn a_password_of_a_megabyte_is_no_work() {
    let server = Server::start(&[]);
    server.set_up().await;
    let password = "x".repeat(1_000_000);
    let sign_in = |password: &str| {
        let form = format!("email=ada%40example.com&password={password}");
        ask(&server, "POST", "/api/account/sign_in", &[FORM, ("Accept", "application/json")], &form)
    };
    sign_in("warm up");
    let started = Instant::now();
    let answer = sign_in(&password);
    let took = started.elapsed();
    assert!(matches!(answer.status, 413 | 422) && answer.body.len() < 200, "{} {}", answer.status, answer.body.len());
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(sign_in("correct+horse+battery").cookie.is_some());
}

#[tokio::test]
async fn heads_without_end_are_refused() {
    let server = Server::start(&[]);
    let get = |path: &str, lines: &str| {
        send(&server, format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n").as_bytes())
    };
    assert_eq!(get("/healthz", "").status, 200);
    assert_eq!(get("/healthz", &"X-One: 1\r\n".repeat(50)).status, 200);
    for (what, answer) in [
        ("many", get("/healthz", &"X-One: 1\r\n".repeat(5_000))),
        ("long", get("/healthz", &format!("X-One: {}\r\n", "x".repeat(1_000_000)))),
        ("a long cookie", get("/t/acme", &format!("Cookie: countersign={}\r\n", "x".repeat(1_000_000)))),
    ] {
        // 0: closed on a sender that does not stop.
        assert!(matches!(answer.status, 0 | 431), "{what}: {}", answer.head);
    }
    let long = get(&format!("/{}", "x".repeat(1_000_000)), "");
    assert!(matches!(long.status, 0 | 414 | 431), "{}", long.head);
    for broken in [
        "GET /healthz HTTP/1.1\r\n\r\n",
        "GET\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST /api/account/sign_in HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /t HTTP/1.1\r\n\r\n",
    ] {
        let answer = send(&server, broken.as_bytes());
        assert!(answer.status < 500, "{broken:?}: {}", answer.head);
    }
    assert_eq!(get("/healthz", "").status, 200);
}

#[tokio::test]
async fn who_says_nothing_or_says_it_slowly_holds_no_connection_for_long_and_nobody_up() {
    const QUIET: usize = 300;
    let server = Server::start(&[]);
    server.set_up().await;
    let begun = Instant::now();
    let open = |first: &str| {
        let mut stream = TcpStream::connect(address(&server)).unwrap();
        stream.write_all(first.as_bytes()).unwrap();
        stream
    };
    let mut quiet: Vec<TcpStream> = (0..QUIET)
        .map(|n| match n % 3 {
            0 => open(""),
            1 => open("GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Slow: "),
            _ => open("POST /api/account/sign_in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nemail="),
        })
        .collect();
    // Each says a byte a second, until it is cut off; others are answered meanwhile.
    let mut closed = 0;
    while closed < QUIET {
        let waited = begun.elapsed();
        assert!(waited < Duration::from_secs(40), "{} are still open", QUIET - closed);
        let asked = Instant::now();
        assert_eq!(ask(&server, "GET", "/healthz", &[], "").status, 200);
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        quiet.retain_mut(|stream| {
            let _ = stream.write_all(b"x");
            stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
            let mut byte = [0; 256];
            // Anything else is an answer (the request has timed out) or the end.
            let silent = [std::io::ErrorKind::WouldBlock, std::io::ErrorKind::TimedOut];
            stream.read(&mut byte).is_err_and(|error| silent.contains(&error.kind()))
        });
        closed = QUIET - quiet.len();
    }
    let took = begun.elapsed();
    println!("the last one was cut off after {took:?}");
    assert!(took > Duration::from_secs(5), "nobody is cut off while they may still mean it: {took:?}");
}
