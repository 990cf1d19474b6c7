//! How long a session lives, by a clock that the test moves.

use crate::harness::{
    Server,
    ask::{FORM, ask, send},
};
use countersign_domain::{Actor, Millis, reading::Connect};
use countersign_server::{compose, compose::Databases};
use countersign_service::{
    Client, Error, Service, SignInStep,
    ports::{Clock, Ports},
};
use sqlx::{Connection, PgConnection};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::{Duration, Instant};

const MINUTE: i64 = 60_000;

/// Stands still until it is moved.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

impl Hands {
    fn on(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

/// The use cases over the server's own database, with a clock of the test.
async fn moved(server: &Server) -> (Service, Arc<Hands>) {
    let settings = server.settings();
    let databases = Databases::open(server.owner()).await.unwrap();
    let identity = compose::identity(&settings, &databases).await.unwrap();
    let (bus, _) = compose::bus(&settings, identity);
    let connect = Connect { console_url: String::new(), bus_url: String::new() };
    let ports = compose::ports(&settings, &databases, bus, connect).unwrap();
    let hands = Arc::new(Hands(AtomicI64::new(ports.clock.now().0)));
    (Service::new(Ports { clock: hands.clone(), ..ports }), hands)
}

fn client() -> Client {
    Client::new("127.0.0.1", "curl/8.5.0")
}

async fn signed_in(service: &Service) -> String {
    match service.sign_in("ada@example.com", "correct horse battery", &client()).await.unwrap() {
        SignInStep::Done(signed_in) => signed_in.token,
        SignInStep::Code(_) => panic!("a code is asked for"),
    }
}

/// Whether the session is live; asking uses it.
async fn use_it(service: &Service, token: &str) -> Result<Actor, Error> {
    service.authenticate(Some(token), Some("acme"), &client()).await
}

fn is_over(answer: &Result<Actor, Error>) -> bool {
    matches!(answer, Err(Error::SignedOut))
}

#[tokio::test]
async fn a_session_ends_after_thirty_idle_minutes_and_after_twelve_hours_in_any_case() {
    let server = Server::start(&[]);
    server.set_up().await;
    let (service, hands) = moved(&server).await;
    let idle = signed_in(&service).await;
    hands.on(30 * MINUTE - 1);
    assert!(use_it(&service, &idle).await.is_ok(), "just before the end");
    hands.on(30 * MINUTE - 1);
    assert!(use_it(&service, &idle).await.is_ok(), "use has kept it");
    hands.on(30 * MINUTE);
    assert!(is_over(&use_it(&service, &idle).await), "thirty minutes without a use");
    hands.on(-MINUTE);
    // The clock of another replica may be behind; who was away for 29 minutes was not away for 30.
    assert!(use_it(&service, &idle).await.is_ok());

    let busy = signed_in(&service).await;
    for _ in 0..12 * 60 / 20 - 1 {
        hands.on(20 * MINUTE);
        assert!(use_it(&service, &busy).await.is_ok());
    }
    hands.on(20 * MINUTE - 1);
    assert!(use_it(&service, &busy).await.is_ok(), "a millisecond before twelve hours");
    hands.on(1);
    assert!(is_over(&use_it(&service, &busy).await), "twelve hours, used all the time");
}

#[tokio::test]
async fn a_session_has_another_id_after_every_proof() {
    let server = Server::start(&[]);
    server.set_up().await;
    let (service, _) = moved(&server).await;
    let tokens = [signed_in(&service).await, signed_in(&service).await];
    assert_ne!(tokens[0], tokens[1]);
    assert!(tokens.iter().all(|token| token.len() == 43), "256 bits: {tokens:?}");
    // A cookie that somebody planted before does not become a session.
    let planted = "A".repeat(43);
    let cookie = format!("countersign={planted}");
    let form = "email=ada%40example.com&password=correct+horse+battery";
    let headers = [FORM, ("Accept", "application/json"), ("Cookie", cookie.as_str())];
    let fresh = ask(&server, "POST", "/api/account/sign_in", &headers, form).cookie.unwrap();
    assert!(!fresh.contains(&planted));
    assert!(is_over(&use_it(&service, &planted).await));
    // Another password is another proof: the session goes on under another id, and the old one is nobody's.
    let old = tokens[0].clone();
    let headers = [FORM, ("Accept", "application/json"), ("Cookie", &format!("countersign={old}"))];
    let change = "tenant=acme&current=correct+horse+battery&new=staple+in+a+new+place";
    let changed = ask(&server, "POST", "/api/account/change_password", &headers, change);
    assert_eq!(changed.status, 200, "{}", changed.body);
    let renewed = changed.cookie.expect("another id").split_once('=').unwrap().1.to_owned();
    assert!(is_over(&use_it(&service, &old).await) && use_it(&service, &renewed).await.is_ok());
}

#[tokio::test]
async fn the_cookie_is_bound_to_its_host_and_to_https() {
    let form = "email=ada%40example.com&password=correct+horse+battery";
    for (args, name, secure) in [
        (vec![], "countersign=", false),
        (vec!["--public-url", "https://console.example.com"], "__host-countersign=", true),
    ] {
        let server = Server::start(&args);
        server.set_up().await;
        let answer = ask(&server, "POST", "/api/account/sign_in", &[FORM, ("Accept", "application/json")], form);
        let set: Vec<&str> = answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")).collect();
        let session = set.iter().find(|cookie| cookie.starts_with(name)).unwrap_or_else(|| panic!("{set:?}"));
        assert!(!session.contains("max-age") && !session.contains("expires"), "it ends with the browser: {session}");
        for cookie in set {
            let has = |part: &str| cookie.split("; ").any(|own| own == part);
            assert!(has("httponly") && has("path=/") && !cookie.contains("domain"), "{cookie}");
            assert!(has("samesite=lax") || has("samesite=strict"), "{cookie}");
            assert_eq!(has("secure"), secure, "{cookie}");
            assert_eq!(cookie.starts_with("__host-"), secure, "{cookie}");
        }
        // Over HTTPS a cookie without the prefix, which a neighbour's page could set, is none.
        let token = answer.cookie.unwrap().split_once('=').unwrap().1.to_owned();
        let plain = ask(&server, "GET", "/t/acme", &[("Cookie", &format!("countersign={token}"))], "");
        assert_eq!(plain.status, if secure { 302 } else { 200 });
    }
}

async fn used_ms(owner: &mut PgConnection) -> i64 {
    sqlx::query_as::<_, (i64,)>("select max(used_ms) from session").fetch_one(owner).await.unwrap().0
}

#[tokio::test]
async fn an_open_stream_keeps_no_session_alive() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cookie = desk.cookie().await;
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let ago = "update session set used_ms = used_ms - $1";
    sqlx::query(ago).bind(20 * MINUTE).execute(&mut owner).await.unwrap();
    let before = used_ms(&mut owner).await;
    let request = format!("GET /t/acme/live HTTP/1.0\r\nHost: x\r\nCookie: {cookie}\r\n\r\n");
    let opened = send(&server, request.as_bytes());
    assert!(opened.status == 200 && opened.body.contains("event: changed"), "{}", opened.head);
    assert_eq!(used_ms(&mut owner).await, before, "to listen is no use");
    // One that listens while it ends is sent away.
    let mut stream = std::net::TcpStream::connect(crate::harness::ask::address(&server)).unwrap();
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    let listening = std::thread::spawn(move || {
        let begun = Instant::now();
        let mut all = Vec::new();
        std::io::Read::read_to_end(&mut stream, &mut all).expect("the end of the stream, in time");
        begun.elapsed()
    });
    sqlx::query(ago).bind(11 * MINUTE).execute(&mut owner).await.unwrap();
    let took = listening.join().unwrap();
    assert!(took < Duration::from_secs(30), "{took:?}");
    let page = ask(&server, "GET", "/t/acme", &[("Cookie", &cookie)], "");
    assert_eq!(page.status, 302, "it had ended");
    // A page that somebody opens is a use.
    let cookie = desk.cookie().await;
    sqlx::query(ago).bind(20 * MINUTE).execute(&mut owner).await.unwrap();
    let before = used_ms(&mut owner).await;
    assert_eq!(ask(&server, "GET", "/t/acme", &[("Cookie", &cookie)], "").status, 200);
    assert!(used_ms(&mut owner).await > before);
}
