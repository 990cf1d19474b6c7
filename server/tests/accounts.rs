//! A person's sessions and password, as any program can ask for them.

mod harness;

use harness::{
    Server,
    ask::{Answer, FORM, ask},
    countersign,
};
use sqlx::{Connection, PgConnection};
use std::process::Output;
use uuid::Uuid;

const EMAIL: &str = "ada%40example.com";
const OLD: &str = "correct+horse+battery";
const NEW: &str = "staple+in+a+new+place";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const JSON: (&str, &str) = ("Accept", "application/json");

fn sign_in(server: &Server, password: &str, user_agent: &str) -> Answer {
    let form = format!("email={EMAIL}&password={password}");
    ask(server, "POST", "/api/account/sign_in", &[FORM, JSON, ("User-Agent", user_agent)], &form)
}

/// The cookie of a new session.
fn session(server: &Server, user_agent: &str) -> String {
    sign_in(server, OLD, user_agent).cookie.expect("a session")
}

fn post(server: &Server, cookie: &str, path: &str, form: &str) -> Answer {
    ask(server, "POST", path, &[FORM, JSON, ("Cookie", cookie)], &format!("tenant=acme&{form}"))
}

/// What the page of sessions says to the holder of this cookie.
fn sessions(server: &Server, cookie: &str) -> Answer {
    ask(server, "GET", "/api/account/draw_sessions?tenant=acme", &[JSON, ("Cookie", cookie)], "")
}

/// The name of the session that the page of `cookie` shows with these words.
fn name_of(server: &Server, cookie: &str, device: &str) -> String {
    let page = sessions(server, cookie).body.replace("\\\"", "\"");
    let row = page.split("data-item=\"").find(|row| row.contains(device)).expect("a row of this device");
    row.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_is_listed_with_device_and_place_and_ends_when_its_owner_says_so() {
    let server = Server::start(&[]);
    server.set_up().await;
    let (here, there) = (session(&server, "curl/8.5.0"), session(&server, FIREFOX));
    let page = sessions(&server, &here).body;
    for words in ["curl", "Firefox on Linux", "127.0.0.1", "This session"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let name = name_of(&server, &here, "Firefox on Linux");
    assert_eq!(post(&server, &here, "/api/account/end_session", &format!("name={name}")).status, 200);
    assert_eq!(sessions(&server, &there).status, 401, "the cookie of an ended session");
    assert_eq!(sessions(&server, &here).status, 200);
    for nobodys in [name.as_str(), "", "0000000000000000", "%27%20or%201=1"] {
        let again = post(&server, &here, "/api/account/end_session", &format!("name={nobodys}"));
        assert_eq!(again.status, 409, "{nobodys}: {}", again.body);
    }
}

/// Another person of the same organization, with the same password; answers the cookie of their session.
async fn somebody_else(server: &Server) -> String {
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let sql = "with added as (insert into person (id, email, name, password_hash, created_ms)
                              select $1, 'bob@example.com', 'Bob', password_hash, 0 from person)
               insert into membership (tenant_id, person_id, role) select tenant_id, $1, 'observer' from membership";
    sqlx::query(sql).bind(Uuid::from_u128(7)).execute(&mut owner).await.unwrap();
    let form = format!("email=bob%40example.com&password={OLD}");
    ask(server, "POST", "/api/account/sign_in", &[FORM, JSON], &form).cookie.expect("a session")
}

#[tokio::test]
async fn nobody_ends_sessions_or_changes_the_password_of_somebody_else() {
    let server = Server::start(&[]);
    server.set_up().await;
    let ada = session(&server, FIREFOX);
    let bob = somebody_else(&server).await;
    assert!(!sessions(&server, &bob).body.contains("Firefox"), "each sees their own");
    let name = name_of(&server, &ada, "Firefox on Linux");
    assert_eq!(post(&server, &bob, "/api/account/end_session", &format!("name={name}")).status, 409);
    assert_eq!(post(&server, &bob, "/api/account/end_other_sessions", "").status, 200);
    assert_eq!(post(&server, &bob, "/api/account/change_password", &format!("current={OLD}&new={NEW}")).status, 200);
    assert_eq!(sessions(&server, &ada).status, 200);
    assert_eq!(sign_in(&server, NEW, FIREFOX).status, 422);
    assert!(sign_in(&server, OLD, FIREFOX).cookie.is_some());
}

#[tokio::test]
async fn no_session_outlives_a_change_of_password_that_it_was_opened_beside() {
    let server = Server::start(&[]);
    server.set_up().await;
    let here = session(&server, "curl/8.5.0");
    let (thieves, here): (Vec<Option<String>>, String) = std::thread::scope(|scope| {
        let thieves: Vec<_> = (0..6).map(|_| scope.spawn(|| sign_in(&server, OLD, FIREFOX).cookie)).collect();
        let changed = post(&server, &here, "/api/account/change_password", &format!("current={OLD}&new={NEW}"));
        assert_eq!(changed.status, 200, "{}", changed.body);
        let renewed = changed.cookie.expect("the session under another name");
        (thieves.into_iter().map(|thief| thief.join().unwrap()).collect(), renewed)
    });
    for cookie in thieves.into_iter().flatten() {
        assert_eq!(sessions(&server, &cookie).status, 401);
    }
    assert_eq!(sessions(&server, &here).status, 200);
}

#[tokio::test]
async fn a_browser_that_signs_in_once_more_has_one_session() {
    let server = Server::start(&[]);
    server.set_up().await;
    let first = session(&server, FIREFOX);
    let form = "email=ada%40example.com&password=correct+horse+battery";
    let headers = [FORM, ("Accept", "application/json"), ("Cookie", first.as_str())];
    let second = ask(&server, "POST", "/api/account/sign_in", &headers, form).cookie.expect("a session");
    assert_ne!(first, second);
    let asked = |cookie: &str| post(&server, cookie, "/api/account/end_other_sessions", "").status;
    assert_eq!((asked(&first), asked(&second)), (401, 200));
}

#[tokio::test]
async fn all_other_sessions_end_at_once() {
    let server = Server::start(&[]);
    server.set_up().await;
    let here = session(&server, "curl/8.5.0");
    let others = [session(&server, FIREFOX), session(&server, FIREFOX)];
    assert_eq!(post(&server, &here, "/api/account/end_other_sessions", "").status, 200);
    for other in &others {
        assert_eq!(sessions(&server, other).status, 401);
    }
    let page = sessions(&server, &here);
    assert!(page.status == 200 && page.body.contains("signed in here alone"), "{}", page.body);
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_signs_out_everybody_else() {
    let server = Server::start(&[]);
    server.set_up().await;
    let (here, there) = (session(&server, "curl/8.5.0"), session(&server, FIREFOX));
    let change = |current: &str, new: &str| {
        post(&server, &here, "/api/account/change_password", &format!("current={current}&new={new}"))
    };
    for (current, new, field) in [
        ("not+the+password", NEW, "current"),
        ("", NEW, "current"),
        (OLD, "short", "new"),
        (OLD, OLD, "new"),
        (OLD, "ada%40example.com", "new"),
    ] {
        let refused = change(current, new);
        assert!(refused.status == 422 && refused.body.contains(&format!("invalid {field}:")), "{}", refused.body);
    }
    let huge = change(&"x".repeat(1_000_000), NEW);
    assert!(huge.status == 422 || huge.status == 413, "{}", huge.status);
    assert_eq!(sign_in(&server, NEW, FIREFOX).status, 422, "nothing has changed yet");

    let changed = change(OLD, NEW);
    assert_eq!(changed.status, 200);
    assert_eq!(sessions(&server, &there).status, 401);
    assert_eq!(sessions(&server, &here).status, 401, "the name of a session from before");
    assert_eq!(sessions(&server, &changed.cookie.expect("another one")).status, 200);
    assert_eq!(sign_in(&server, OLD, FIREFOX).status, 422);
    assert!(sign_in(&server, NEW, FIREFOX).cookie.is_some());
}

#[tokio::test]
async fn a_password_cannot_be_guessed_by_whoever_sits_at_an_open_session() {
    let server = Server::start(&[]);
    server.set_up().await;
    let here = session(&server, "curl/8.5.0");
    let guess = || post(&server, &here, "/api/account/change_password", &format!("current=guess&new={NEW}")).status;
    let answers: Vec<u16> = (0..10).map(|_| guess()).collect();
    assert_eq!(answers[..8], [422; 8], "{answers:?}");
    assert_eq!(answers[8..], [429; 2], "{answers:?}");
}

fn user(server: &Server, args: &[&str]) -> Output {
    countersign().arg("user").args(args).arg("--data-dir").arg(&server.dir).output().unwrap()
}

#[tokio::test]
async fn an_operator_lets_somebody_in_again_who_forgot_the_password() {
    let server = Server::start(&[]);
    server.set_up().await;
    let here = session(&server, "curl/8.5.0");
    let listed = user(&server, &["list"]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout), "ada@example.com\tAda\tfounder of acme\n");

    for _ in 0..8 {
        sign_in(&server, "forgotten", FIREFOX);
    }
    assert_eq!(sign_in(&server, OLD, FIREFOX).status, 429, "who forgot it has tried too often");

    let reset = user(&server, &["reset-password", "ADA@example.com"]);
    let said = String::from_utf8_lossy(&reset.stdout).into_owned();
    let password = said.lines().next().and_then(|line| line.rsplit(": ").next()).unwrap();
    assert!(reset.status.success() && password.len() > 20, "{said}");
    assert_eq!(sessions(&server, &here).status, 401);
    assert_eq!(sign_in(&server, OLD, FIREFOX).status, 422);
    assert!(sign_in(&server, password, FIREFOX).cookie.is_some());

    let nobody = user(&server, &["reset-password", "nobody@example.com"]);
    let complaint = String::from_utf8_lossy(&nobody.stderr).into_owned();
    assert!(!nobody.status.success() && complaint.contains("Nobody has the address"), "{complaint}");
}
