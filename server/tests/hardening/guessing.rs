//! Whoever tries passwords, from one place or from many, and the owner who wants in meanwhile.

use crate::harness::{
    Server,
    ask::{Answer, FORM, ask},
    countersign,
};
use std::time::{Duration, Instant};

const WRONG: &str = "wrong+wrong+wrong";
const RIGHT: &str = "correct+horse+battery";

/// One try from an address, as a proxy in front tells it.
fn sign_in(server: &Server, email: &str, password: &str, from: &str, cookies: &str) -> Answer {
    let headers = [FORM, ("Accept", "application/json"), ("X-Forwarded-For", from), ("Cookie", cookies)];
    let form = format!("email={}&password={password}", email.replace('@', "%40"));
    ask(server, "POST", "/api/account/sign_in", &headers, &form)
}

fn guess(server: &Server, from: &str) -> Answer {
    sign_in(server, "ada@example.com", WRONG, from, "")
}

/// All cookies that an answer sets, as a browser sends them back. The heads of answers are in small letters, so
/// the values come from the first answer that has them as they are.
fn kept(server: &Server) -> String {
    use std::io::{Read, Write};
    let form = format!("email=ada%40example.com&password={RIGHT}");
    let address = crate::harness::ask::address(server);
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request = format!(
        "POST /api/account/sign_in HTTP/1.0\r\nHost: {address}\r\nAccept: application/json\r\n{}: {}\r\n\
         X-Forwarded-For: 198.51.100.1\r\nContent-Length: {}\r\n\r\n{form}",
        FORM.0,
        FORM.1,
        form.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let set = text.lines().filter(|line| line.to_lowercase().starts_with("set-cookie: ")).map(|line| &line[12..]);
    let cookies: Vec<&str> = set.filter_map(|cookie| cookie.split(';').next()).collect();
    assert!(cookies.len() >= 2, "the session, and what the browser is known by: {text}");
    cookies.join("; ")
}

#[tokio::test]
async fn a_thousand_guesses_from_one_address_are_a_few_and_keep_nobody_out() {
    let server = Server::start(&["--trusted-proxies", "127.0.0.0/8"]);
    server.set_up().await;
    let known = kept(&server);
    let started = Instant::now();
    let answers: Vec<Answer> = (0..1_000).map(|_| guess(&server, "203.0.113.9")).collect();
    let checked = answers.iter().filter(|answer| answer.status == 422).count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    println!("{checked} checked, {refused} refused in {:?}", started.elapsed());
    assert!(checked <= 20 && checked + refused == 1_000, "{checked} and {refused}");
    let last = answers.last().unwrap();
    assert!(last.head.contains("retry-after: ") && last.body.contains("throttled"), "{}", last.head);
    // The owner, from another place and even from the guesser's own.
    assert!(sign_in(&server, "ada@example.com", RIGHT, "198.51.100.7", "").cookie.is_some());
    assert!(sign_in(&server, "ada@example.com", RIGHT, "203.0.113.9", &known).cookie.is_some());
}

#[tokio::test]
async fn guesses_from_two_hundred_addresses_end_too_and_a_known_browser_gets_in() {
    let server = Server::start(&["--trusted-proxies", "127.0.0.1,::1"]);
    server.set_up().await;
    let known = kept(&server);
    let mut checked = 0;
    for round in 0..5 {
        for host in 0..200 {
            let answer = guess(&server, &format!("203.0.113.{host}"));
            assert!(matches!(answer.status, 422 | 429), "{round}: {}", answer.status);
            checked += u32::from(answer.status == 422);
        }
    }
    println!("{checked} checked");
    assert!(checked <= 100, "{checked} of 1,000 were checked");
    // A stranger's browser waits now, with the right password too: it looks like one more guess.
    assert_eq!(sign_in(&server, "ada@example.com", RIGHT, "198.51.100.7", "").status, 429);
    assert!(sign_in(&server, "ada@example.com", RIGHT, "198.51.100.7", &known).cookie.is_some());
    let forged = known.split("; ").map(|cookie| format!("{cookie}x")).collect::<Vec<_>>().join("; ");
    assert_eq!(sign_in(&server, "ada@example.com", RIGHT, "198.51.100.7", &forged).status, 429);
    // Somebody else is not concerned.
    assert_eq!(sign_in(&server, "eve@example.com", WRONG, "198.51.100.8", "").status, 422);
}

#[tokio::test]
async fn many_guesses_at_the_same_moment_do_not_pass_together() {
    let server = Server::start(&[]);
    server.set_up().await;
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..60).map(|_| scope.spawn(|| guess(&server, "").status)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let checked = answers.iter().filter(|status| **status == 422).count();
    assert!(checked <= 8, "{checked} of 60: {answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 422 | 429)), "{answers:?}");
}

#[tokio::test]
async fn without_trusted_proxies_a_claimed_address_changes_nothing() {
    let server = Server::start(&[]);
    server.set_up().await;
    let answers: Vec<u16> = (0..12)
        .map(|n| {
            let claim = format!("203.0.113.{n}, 10.0.0.{n}");
            let headers = [
                FORM,
                ("Accept", "application/json"),
                ("X-Forwarded-For", claim.as_str()),
                ("X-Real-IP", claim.as_str()),
                ("Forwarded", "for=192.0.2.1"),
                ("CF-Connecting-IP", "192.0.2.1"),
                ("True-Client-IP", "192.0.2.1"),
            ];
            ask(&server, "POST", "/api/account/sign_in", &headers, &format!("email=ada%40example.com&password={WRONG}"))
                .status
        })
        .collect();
    assert_eq!(answers[..8], [422; 8], "{answers:?}");
    assert_eq!(answers[8..], [429; 4], "{answers:?}");
    let nonsense = countersign().args(["check-config", "--trusted-proxies", "10.0.0.0/99"]).output().unwrap();
    assert!(!nonsense.status.success() && String::from_utf8_lossy(&nonsense.stderr).contains("10.0.0.0/8"));
}

#[tokio::test]
async fn a_known_and_an_unknown_address_answer_alike_and_take_as_long() {
    let server = Server::start(&["--trusted-proxies", "127.0.0.1"]);
    server.set_up().await;
    let try_of = |email: &str, n: u32| {
        let started = Instant::now();
        let answer = sign_in(&server, email, WRONG, &format!("203.0.113.{n}"), "");
        (started.elapsed(), answer)
    };
    try_of("warm@example.com", 0);
    let (mut known, mut unknown): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    for n in 1..15 {
        let (took, one) = try_of("ada@example.com", n);
        known.push(took);
        let (took, other) = try_of(&format!("nobody-{n}@example.com"), 100 + n);
        unknown.push(took);
        assert_eq!((one.status, &one.body), (422, &other.body));
        let head = |answer: &Answer| {
            answer.head.lines().filter(|line| !line.starts_with("date:")).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(head(&one), head(&other));
    }
    known.sort_unstable();
    unknown.sort_unstable();
    println!("known {:?}, unknown {:?}", known[7], unknown[7]);
    // Both do the work of one hash; what differs besides is small beside it.
    let (short, long) = (known[7].min(unknown[7]), known[7].max(unknown[7]));
    assert!(long < short.mul_f64(1.6), "known {known:?}, unknown {unknown:?}");
}
