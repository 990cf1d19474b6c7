//! Second factors and fresh proofs, as any program meets them. Passkeys need a browser: `end2end/tests/passkeys.spec.mjs`.
#![allow(clippy::disallowed_methods, reason = "an authenticator app reads a clock of its own")]

mod harness;

use countersign_domain::{
    How, Via,
    account::AccountAct,
    journal::{Entry, What},
};
use data_encoding::BASE32_NOPAD;
use harness::{
    Desk, Server,
    ask::{Answer, FORM, ask},
    countersign,
};
use sqlx::{Connection, PgConnection};
use std::time::{SystemTime, UNIX_EPOCH};
use totp_rs::{Builder, Secret, Totp};

const JSON: (&str, &str) = ("Accept", "application/json");
const HTML: (&str, &str) = ("Accept", "text/html");
const PAGE: &str = "/t/acme/settings/security";

fn post(server: &Server, cookie: &str, path: &str, form: &str) -> Answer {
    ask(server, "POST", path, &[FORM, JSON, ("Cookie", cookie)], &format!("tenant=acme&{form}"))
}

/// The founder's password, and what follows from it.
fn enter_password(server: &Server) -> Answer {
    let form = "email=ada%40example.com&password=correct+horse+battery";
    ask(server, "POST", "/api/account/sign_in", &[FORM, JSON], form)
}

/// The words of an answer that is a list of lines in a JSON string.
fn lines(answer: &Answer) -> Vec<String> {
    let text: String = serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.body));
    text.lines().map(ToOwned::to_owned).collect()
}

/// The founder with an authenticator app.
struct App {
    totp: Totp,
    recovery: Vec<String>,
}

impl App {
    /// Sets one up as the page says.
    fn set_up(server: &Server, cookie: &str) -> Self {
        assert_eq!(post(server, cookie, "/api/account/begin_codes", "").status, 200);
        let page = ask(server, "GET", PAGE, &[HTML, ("Cookie", cookie)], "").body;
        let shown = page.split("data-testid=\"code-secret\">").nth(1).and_then(|rest| rest.split('<').next());
        let secret: String = shown.expect("the key is shown").chars().filter(|c| !c.is_whitespace()).collect();
        let bytes = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
        let totp = Builder::new().with_secret(Secret::from(bytes)).with_account_name("ada").build().unwrap();
        let confirmed = post(server, cookie, "/api/account/confirm_codes", &format!("code={}", code(&totp, 0)));
        assert_eq!(confirmed.status, 200, "{}", confirmed.body);
        Self { totp, recovery: lines(&confirmed) }
    }
}

/// The app's code of so many steps from now.
fn code(totp: &Totp, steps: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    totp.generate(now + steps * 30).to_string()
}

fn enter_code(server: &Server, step: &str, code: &str) -> Answer {
    ask(server, "POST", "/api/account/sign_in_code", &[FORM, JSON, ("Cookie", step)], &format!("code={code}"))
}

/// What the founder's journal says of accounts, oldest first.
async fn account_acts(server: &Server) -> Vec<(AccountAct, Option<Via>)> {
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let rows: Vec<(Vec<u8>,)> =
        sqlx::query_as("select canonical from journal where kind like 'account.%' order by seq")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    let act = |(canonical,): (Vec<u8>,)| match serde_json::from_slice::<Entry>(&canonical).unwrap() {
        Entry { what: What::Account { act, .. }, via, .. } => (act, via),
        other => panic!("{other:?}"),
    };
    rows.into_iter().map(act).collect()
}

async fn age_proofs(server: &Server) {
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    sqlx::query("update session set proven_ms = proven_ms - 301000").execute(&mut owner).await.unwrap();
}

#[tokio::test]
async fn a_password_alone_is_not_enough_once_an_app_is_set_up_and_no_code_counts_twice() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let app = App::set_up(&server, &desk.cookie().await);
    assert_eq!(app.recovery.len(), 10);

    let step = enter_password(&server);
    let cookie = step.cookie.expect("a cookie for the second step");
    assert!(cookie.starts_with("countersign-step=") && step.head.contains("/sign-in/code"), "{}", step.head);
    assert_eq!(ask(&server, "GET", "/t/acme", &[HTML, ("Cookie", &cookie)], "").status, 302, "no session yet");

    // The code that switched them on was used by that.
    let replayed = enter_code(&server, &cookie, &code(&app.totp, 0));
    assert_eq!((replayed.status, replayed.cookie), (422, None), "{}", replayed.body);
    let next = code(&app.totp, 1);
    let signed_in = enter_code(&server, &cookie, &next);
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    let session = signed_in.cookie.unwrap();
    assert_eq!(ask(&server, "GET", "/t/acme", &[HTML, ("Cookie", &session)], "").status, 200);

    assert_eq!(enter_code(&server, &cookie, &next).status, 409, "the step is over");
    let again = enter_password(&server).cookie.unwrap();
    assert_eq!(enter_code(&server, &again, &next).status, 422, "a code of another sign-in");
    assert_eq!(enter_code(&server, "countersign-step=forged", &next).status, 409);
    assert_eq!(ask(&server, "POST", "/api/account/sign_in_code", &[FORM, JSON], &format!("code={next}")).status, 409);
}

#[tokio::test]
async fn of_twenty_who_send_the_same_code_at_once_one_gets_in() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let app = App::set_up(&server, &desk.cookie().await);
    let steps: Vec<String> = (0..7).map(|_| enter_password(&server).cookie.unwrap()).collect();
    let next = code(&app.totp, 1);
    let got_in: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = steps.iter().map(|step| scope.spawn(|| enter_code(&server, step, &next).status)).collect();
        tries.into_iter().map(|tried| usize::from(tried.join().unwrap() == 200)).sum()
    });
    assert_eq!(got_in, 1);
}

#[tokio::test]
async fn a_recovery_code_lets_its_owner_in_once() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let app = App::set_up(&server, &desk.cookie().await);
    let step = enter_password(&server).cookie.unwrap();
    let typed = app.recovery[3].to_uppercase().replace('-', "+");
    let signed_in = enter_code(&server, &step, &typed);
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    let step = enter_password(&server).cookie.unwrap();
    assert_eq!(enter_code(&server, &step, &app.recovery[3]).status, 422, "it was used");

    // New ones end those from before.
    let made = post(&server, &signed_in.cookie.unwrap(), "/api/account/make_recovery_codes", "");
    assert_eq!(lines(&made).len(), 10);
    assert_eq!(enter_code(&server, &step, &app.recovery[4]).status, 422);
    assert_eq!(enter_code(&server, &step, &lines(&made)[0]).status, 200);

    let acts = account_acts(&server).await;
    let used: Vec<_> = acts.iter().filter(|(act, _)| matches!(act, AccountAct::RecoveryCodeUsed { .. })).collect();
    assert_eq!(used.len(), 2, "{acts:?}");
    assert!(acts.iter().any(|(act, via)| matches!(act, AccountAct::SignInRefused { .. })
        && via.as_ref().is_some_and(|via| via.from == "127.0.0.1")));
}

#[tokio::test]
async fn an_operator_lets_somebody_in_who_lost_the_phone_and_the_codes() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    App::set_up(&server, &desk.cookie().await);
    assert!(enter_password(&server).cookie.is_some_and(|cookie| cookie.starts_with("countersign-step=")));
    let said = countersign().args(["user", "reset-codes", "ada@example.com", "--data-dir"]).arg(&server.dir).output();
    assert!(said.unwrap().status.success());
    assert!(enter_password(&server).cookie.is_some_and(|cookie| cookie.starts_with("countersign=")));
    let acts = account_acts(&server).await;
    let off = acts.iter().find(|(act, _)| *act == AccountAct::CodesSwitchedOff).expect("it is journaled");
    assert_eq!(off.1.as_ref().map(|via| via.how), Some(How::Operator));
}

#[tokio::test]
async fn codes_cannot_be_guessed_by_whoever_knows_the_password() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let app = App::set_up(&server, &desk.cookie().await);
    let step = enter_password(&server).cookie.unwrap();
    let right = code(&app.totp, 1);
    let wrong: Vec<String> = (0..30).map(|n| format!("{n:06}")).filter(|code| *code != right).take(24).collect();
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = wrong.iter().map(|code| scope.spawn(|| enter_code(&server, &step, code).status)).collect();
        tries.into_iter().map(|tried| tried.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 422).count(), 8, "a burst is counted too: {answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 16, "{answers:?}");
    assert_eq!(enter_code(&server, &step, &right).status, 429);
}

#[tokio::test]
async fn whoever_knows_the_password_does_not_keep_its_owner_from_entering_codes() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let app = App::set_up(&server, &desk.cookie().await);
    // The owner has signed in with this browser before.
    let step = enter_password(&server).cookie.unwrap();
    let answer = enter_code(&server, &step, &code(&app.totp, 1));
    let mark = answer.raw_head.lines().find_map(|line| {
        let kept = line.strip_prefix("set-cookie: ")?.split(';').next()?;
        kept.starts_with("countersign-browser=").then(|| kept.to_owned())
    });
    let mark = mark.unwrap_or_else(|| panic!("what the browser is known by: {}", answer.raw_head));

    let stranger = enter_password(&server).cookie.unwrap();
    let tried: Vec<u16> = (0..9).map(|n| enter_code(&server, &stranger, &format!("{n:06}")).status).collect();
    assert_eq!(tried.last(), Some(&429), "{tried:?}");
    let form = "email=ada%40example.com&password=correct+horse+battery";
    let step = ask(&server, "POST", "/api/account/sign_in", &[FORM, JSON, ("Cookie", &mark)], form).cookie.unwrap();
    let owner = enter_code(&server, &format!("{step}; {mark}"), &app.recovery[0]);
    assert_eq!(owner.status, 200, "{}", owner.body);
}

#[tokio::test]
async fn what_asks_for_a_fresh_proof_waits_for_it_in_the_form_and_renews_the_session() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cookie = desk.cookie().await;
    let form = |extra: &str| format!("act=%2Fapi%2Faccount%2Fbegin_codes&tenant=acme{extra}");
    let send = |cookie: &str, extra: &str| ask(&server, "POST", PAGE, &[FORM, HTML, ("Cookie", cookie)], &form(extra));
    age_proofs(&server).await;

    let asked = send(&cookie, "");
    assert_eq!(asked.status, 403);
    assert!(asked.body.contains("Confirm that it is you") && asked.body.contains("name=\"proof_password\""));
    assert!(!asked.body.contains("name=\"proof_code\""), "there is no app to ask");
    let wrong = send(&cookie, "&proof_password=guess");
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("This is not your password.") && wrong.body.contains("name=\"proof_password\""));

    let done = send(&cookie, "&proof_password=correct+horse+battery");
    assert_eq!(done.status, 303, "{}", done.body);
    let renewed = done.cookie.expect("the session under another name");
    assert_ne!(renewed, cookie);
    assert_eq!(ask(&server, "GET", "/t/acme", &[HTML, ("Cookie", &cookie)], "").status, 302, "the name from before");
    assert_eq!(send(&renewed, "").status, 303, "for five minutes nobody asks again");

    age_proofs(&server).await;
    let script = post(&server, &renewed, "/api/account/begin_codes", "");
    assert!(script.status == 403 && script.body.contains("step_up"), "{}", script.body);
    let download = ask(&server, "POST", "/t/acme/fleet/cso/credential", &[FORM, ("Cookie", &renewed)], "hours=1");
    assert!(download.head.contains("location: /confirm?next=%2ft%2facme%2ffleet%2fagents%2fcso"), "{}", download.head);
    let page = ask(&server, "GET", "/confirm?next=%2Ft%2Facme", &[HTML, ("Cookie", &renewed)], "");
    assert!(page.status == 200 && page.body.contains("name=\"proof_password\""), "{}", page.body);
    let form = "act=%2Fapi%2Faccount%2Fprove&next=%2Ft%2Facme&proof_password=correct+horse+battery";
    let led_on = ask(&server, "POST", "/confirm?next=%2Ft%2Facme", &[FORM, HTML, ("Cookie", &renewed)], form);
    assert!(led_on.status == 303 && led_on.head.contains("location: /t/acme"), "{}", led_on.head);
}

#[tokio::test]
async fn a_code_of_the_app_is_proof_enough_and_nobody_elses_is() {
    let server = Server::start(&[]);
    let desk: Desk = server.set_up().await;
    let cookie = desk.cookie().await;
    let app = App::set_up(&server, &cookie);
    age_proofs(&server).await;
    let form = |code: &str| format!("act=%2Fapi%2Faccount%2Fmake_recovery_codes&tenant=acme&proof_code={code}");
    let send = |code: &str| ask(&server, "POST", PAGE, &[FORM, HTML, ("Cookie", &cookie)], &form(code));
    assert_eq!(send("000000").status, 422);
    let password = "act=%2Fapi%2Faccount%2Fmake_recovery_codes&tenant=acme&proof_password=correct+horse+battery";
    let less = ask(&server, "POST", PAGE, &[FORM, HTML, ("Cookie", &cookie)], password);
    assert!(less.status == 422 && less.body.contains("Enter a code of your app."), "{}", less.body);
    let made = send(&code(&app.totp, 1));
    assert_eq!(made.status, 200, "{}", made.head);
    assert!(made.body.contains("Keep these recovery codes now"), "shown this once, in the answer");
    assert!(made.cookie.is_some_and(|renewed| renewed != cookie));
}

#[tokio::test]
async fn whoever_forgot_the_password_is_still_asked_for_a_code() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let app = App::set_up(&server, &desk.cookie().await);
    let link = desk.service.new_recovery_link("ada@example.com").await.unwrap();
    let form = format!("token={}&password=another+sentence+to+remember", link.rsplit('/').next().unwrap());
    let answer = ask(&server, "POST", "/api/account/recover", &[FORM, JSON], &form);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.cookie.as_deref(), Some("countersign="), "a link opens no session, and ends one that is open");

    let form = "email=ada%40example.com&password=another+sentence+to+remember";
    let step = ask(&server, "POST", "/api/account/sign_in", &[FORM, JSON], form).cookie.unwrap();
    assert!(step.starts_with("countersign-step="), "{step}");
    let signed_in = enter_code(&server, &step, &code(&app.totp, 1));
    assert!(signed_in.cookie.is_some_and(|cookie| cookie.starts_with("countersign=")), "{}", signed_in.body);
}

#[tokio::test]
async fn a_token_is_made_only_by_who_has_just_proven_who_they_are() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cookie = desk.cookie().await;
    let form = "act=%2Fapi%2Ftoken%2Fmake&tenant=acme&once=0190f0f0-0000-7000-8000-000000000000\
                &name=deploys&scopes[]=read&days=7";
    let page = "/t/acme/settings/tokens";
    let make = |proof: &str| ask(&server, "POST", page, &[FORM, HTML, ("Cookie", &cookie)], &format!("{form}{proof}"));
    age_proofs(&server).await;
    let asked = make("");
    assert!(asked.status == 403 && asked.body.contains("name=\"proof_password\""), "{}", asked.body);
    assert_eq!(make("&proof_password=guess").status, 422);
    assert!(desk.service.list_tokens(&desk.founder).await.unwrap().tokens.is_empty());
    let made = make("&proof_password=correct+horse+battery");
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(desk.service.list_tokens(&desk.founder).await.unwrap().tokens.len(), 1);
}
