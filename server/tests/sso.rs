//! Single sign-on with a real identity provider, and with ones that cannot be believed.

mod harness;

use countersign_domain::journal::Hash;
use harness::{
    Server,
    ask::{Answer, FORM, ask},
    countersign,
    provider::{CLIENT_ID, CLIENT_SECRET, Fault, Provider, Signing},
};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Instant,
};
use uuid::Uuid;

const HTML: (&str, &str) = ("Accept", "text/html");
const JSON: (&str, &str) = ("Accept", "application/json");
const REFUSED: &str = "Single sign-on did not let you in.";

/// A server whose organization has a provider, and its founder's session.
struct Stage {
    server: Server,
    provider: Provider,
    founder: String,
}

/// A sign-in under way.
struct Begun {
    /// The provider's address, with the question.
    url: String,
    /// The cookie that binds it to the browser.
    browser: String,
}

/// All cookies that an answer sets, as a `Cookie` header has them.
fn cookies(answer: &Answer) -> Vec<String> {
    let set = answer.raw_head.lines().filter(|line| line.to_lowercase().starts_with("set-cookie: "));
    set.filter_map(|line| line["set-cookie: ".len()..].split(';').next()).map(ToOwned::to_owned).collect()
}

/// The session that an answer opens.
fn session_of(answer: &Answer) -> Option<String> {
    cookies(answer).into_iter().find(|cookie| cookie.starts_with("countersign=") && cookie.len() > 20)
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.raw_head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// Follows an address of the provider's as a browser does; answers where it leads.
fn follow(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(format!("GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    location.unwrap_or_else(|| panic!("the provider did not send the browser back: {answer}")).to_owned()
}

impl Stage {
    /// With a provider whose group `board` are founders, `risk` reviewers, and everybody else observers.
    async fn new() -> Self {
        let server = Server::start(&["--sso-allow-private"]);
        let founder = server.set_up().await.cookie().await;
        let stage = Self { server, provider: Provider::start(), founder };
        stage.operator(&["allow-domain", "acme", "example.com"]);
        let saved = stage.save("example.com", "observer");
        assert_eq!(saved.status, 200, "{}", saved.body);
        stage
    }

    fn operator(&self, args: &[&str]) -> String {
        let done = countersign().arg("sso").args(args).arg("--data-dir").arg(&self.server.dir).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    fn post(&self, cookie: &str, path: &str, form: &str) -> Answer {
        ask(&self.server, "POST", path, &[FORM, JSON, ("Cookie", cookie)], &format!("tenant=acme&{form}"))
    }

    fn save(&self, domains: &str, otherwise: &str) -> Answer {
        let secret = CLIENT_SECRET.replace(' ', "+");
        let form = format!(
            "issuer={}&client_id={CLIENT_ID}&client_secret={secret}&domains={domains}&group_claim=groups\
             &founders=board&reviewers=risk%0Aaudit&observers=&otherwise={otherwise}",
            self.provider.issuer
        );
        self.post(&self.founder, "/api/sso/save", &form)
    }

    fn settings(&self) -> String {
        let page = ask(&self.server, "GET", "/api/sso/draw?tenant=acme", &[JSON, ("Cookie", &self.founder)], "");
        assert_eq!(page.status, 200, "{}", page.body);
        page.body.replace("\\\"", "\"")
    }

    /// Presses the button, with these cookies.
    fn begin(&self, form: &str, cookie: &str) -> Begun {
        let answer = ask(&self.server, "POST", "/sso/acme/start", &[FORM, HTML, ("Cookie", cookie)], form);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let url = header(&answer, "refresh").and_then(|value| value.strip_prefix("0; url=")).unwrap().to_owned();
        let browser = cookies(&answer).into_iter().find(|cookie| cookie.starts_with("countersign-sso=")).unwrap();
        Begun { url, browser }
    }

    /// Brings an answer of the provider's, with these cookies.
    fn bring(&self, answer: &str, cookies: &[&str]) -> Answer {
        let path = answer.strip_prefix(&self.server.addresses.console).unwrap_or(answer);
        ask(&self.server, "GET", path, &[HTML, ("Cookie", &cookies.join("; "))], "")
    }

    /// The whole way.
    fn sign_in(&self) -> Answer {
        let begun = self.begin("next=", "");
        self.bring(&follow(&begun.url), &[&begun.browser])
    }

    /// What became of a sign-in that cannot be believed: one sentence, no session, and the reason in the journal.
    async fn refuses(&self, answer: &Answer, why: &str) {
        assert!(answer.status >= 400, "{why}: {} {}", answer.status, answer.body);
        assert!(answer.body.contains(REFUSED), "{why}: {}", answer.body);
        assert!(session_of(answer).is_none(), "{why}: {}", answer.raw_head);
        assert_eq!(self.journal("sso.refused").await.last().map(|entry| entry["why"].clone()), Some(why.into()));
    }

    async fn owner(&self) -> PgConnection {
        PgConnection::connect_with(&self.server.owner()).await.unwrap()
    }

    /// The journal's entries of a kind, the oldest first.
    async fn journal(&self, kind: &str) -> Vec<Value> {
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as("select canonical from journal where kind = $1 order by seq")
            .bind(kind)
            .fetch_all(&mut self.owner().await)
            .await
            .unwrap();
        rows.into_iter().map(|(canonical,)| serde_json::from_slice(&canonical).unwrap()).collect()
    }

    /// Everybody as (address, role).
    async fn members(&self) -> Vec<(String, String)> {
        sqlx::query_as("select p.email, m.role from membership m join person p on p.id = m.person_id order by p.email")
            .fetch_all(&mut self.owner().await)
            .await
            .unwrap()
    }

    /// Bob, a founder of another organization, with a password and an address of this one's domain.
    async fn bob_of_umbra(&self) -> Uuid {
        let (bob, other) = (Uuid::from_u128(7), Uuid::from_u128(8));
        let genesis: Hash = countersign_domain::journal::GENESIS;
        sqlx::query(
            "with theirs as (insert into tenant (id, slug, name, created_ms) values ($2, 'umbra', 'Umbra', 1)),
                  head as (insert into journal_head (tenant_id, seq, hash) values ($2, 0, $3)),
                  added as (insert into person (id, email, name, password_hash, created_ms)
                            select $1, 'bob@example.com', 'Bob', password_hash, 1 from person)
             insert into membership (tenant_id, person_id, role) values ($2, $1, 'founder')",
        )
        .bind(bob)
        .bind(other)
        .bind(genesis.as_slice())
        .execute(&mut self.owner().await)
        .await
        .unwrap();
        self.provider.person("robert", json!({ "email": "bob@example.com", "email_verified": true, "groups": [] }));
        bob
    }

    fn by_password(&self, email: &str, password: &str) -> Answer {
        let form = format!("email={}&password={password}", email.replace('@', "%40"));
        ask(&self.server, "POST", "/api/account/sign_in", &[FORM, JSON], &form)
    }

    /// The whole way of somebody who is signed in and has read what pressing the button confirms.
    fn link(&self, own: &str) -> Answer {
        let begun = self.begin("next=&link=1", own);
        self.bring(&follow(&begun.url), &[&begun.browser, own])
    }

    fn get(&self, cookie: &str, path: &str) -> Answer {
        ask(&self.server, "GET", path, &[JSON, ("Cookie", cookie)], "")
    }

    fn viewer(&self, cookie: &str) -> Answer {
        ask(&self.server, "GET", "/api/account/read_viewer?tenant=acme", &[JSON, ("Cookie", cookie)], "")
    }
}

fn pair(address: &str, role: &str) -> (String, String) {
    (address.to_owned(), role.to_owned())
}

#[tokio::test]
async fn a_first_sign_in_makes_a_member_with_the_role_of_their_groups() {
    let stage = Stage::new().await;
    let page = ask(&stage.server, "GET", "/sso/acme", &[HTML], "");
    assert!(page.status == 200 && page.body.contains("Continue through Acme"), "{}", page.body);
    stage.provider.person(
        "grace",
        json!({ "email": "Grace@Example.com", "email_verified": true, "name": "Grace", "groups": ["risk", "all"] }),
    );
    let begun = stage.begin("next=/t/acme/tasks", "");
    let answer = stage.bring(&follow(&begun.url), &[&begun.browser]);
    assert_eq!((answer.status, header(&answer, "location")), (303, Some("/t/acme/tasks")));
    let cookie = session_of(&answer).expect("a session");
    let viewer = stage.viewer(&cookie).body;
    assert!(viewer.contains("grace@example.com") && viewer.contains("reviewer"), "{viewer}");
    let cookies = answer.head.lines().filter(|line| line.starts_with("set-cookie")).collect::<Vec<_>>().join("\n");
    assert!(cookies.lines().all(|line| line.contains("httponly") && line.contains("samesite=lax")), "{cookies}");
    assert!(cookies.contains("countersign-sso=; path=/; httponly; samesite=lax; max-age=0"), "{cookies}");

    let signed_in = stage.journal("account.signed_in").await.pop().unwrap();
    assert_eq!(signed_in["via"]["how"], "sso");
    assert_eq!(stage.journal("account.linked_to_provider").await.len(), 1);
    assert!(stage.settings().contains("Optional"), "somebody has signed in: it may be required");
}

#[tokio::test]
async fn roles_follow_the_groups_at_each_sign_in_but_the_last_founder_stays_one() {
    let stage = Stage::new().await;
    let sign_in = |groups: Value| {
        stage
            .provider
            .person("grace", json!({ "email": "grace@example.com", "email_verified": true, "groups": groups }));
        assert_eq!(stage.sign_in().status, 303);
    };
    sign_in(json!([]));
    assert_eq!(stage.members().await, [pair("ada@example.com", "founder"), pair("grace@example.com", "observer")]);
    sign_in(json!("audit"));
    assert_eq!(stage.members().await[1], pair("grace@example.com", "reviewer"));
    sign_in(json!(["board", "risk"]));
    assert_eq!(stage.members().await[1], pair("grace@example.com", "founder"));

    // The founder who was there first is linked by the address, and has no group: with another founder, that counts.
    let ada = json!({ "email": "ada@example.com", "email_verified": true, "groups": [] });
    stage.provider.person("ada", ada.clone());
    assert_eq!(stage.sign_in().status, 303);
    assert_eq!(stage.members().await, [pair("ada@example.com", "observer"), pair("grace@example.com", "founder")]);
    sign_in(json!([]));
    assert_eq!(stage.members().await[1], pair("grace@example.com", "founder"), "the last one");
    assert_eq!(stage.members().await.len(), 2, "nobody was made twice");
}

#[tokio::test]
async fn whoever_has_no_role_is_refused_unless_they_are_the_last_founder() {
    let stage = Stage::new().await;
    assert_eq!(stage.save("example.com", "").status, 200);
    stage.refuses(&stage.sign_in(), "no_role").await;
    assert_eq!(stage.members().await.len(), 1);
    stage.provider.person("ada", json!({ "email": "ada@example.com", "email_verified": true, "groups": [] }));
    assert_eq!(stage.sign_in().status, 303);
    assert_eq!(stage.members().await, [pair("ada@example.com", "founder")]);
}

#[tokio::test]
async fn whoever_loses_their_groups_is_a_member_no_more_but_silence_about_groups_changes_nothing() {
    let stage = Stage::new().await;
    assert_eq!(stage.save("example.com", "").status, 200);
    let grace = |more: Value| {
        let mut claims = json!({ "email": "grace@example.com", "email_verified": true });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        stage.provider.person("grace", claims);
        stage.sign_in()
    };
    stage.refuses(&grace(json!({})), "no_role").await;
    let session = session_of(&grace(json!({ "groups": ["risk"] }))).expect("a session");
    for silent in [json!({}), json!({ "groups": null }), json!({ "groups": 7 })] {
        assert_eq!(grace(silent.clone()).status, 303, "{silent}");
        assert_eq!(stage.members().await[1], pair("grace@example.com", "reviewer"), "{silent}");
    }
    assert_eq!(stage.viewer(&session).status, 200);
    stage.refuses(&grace(json!({ "groups": ["somewhere else"] })), "no_role").await;
    assert_eq!(stage.members().await, [pair("ada@example.com", "founder")]);
    assert_eq!(stage.viewer(&session).status, 401);
    let removed = stage.journal("account.removed").await;
    assert_eq!((removed.len(), removed[0]["via"]["how"].clone()), (1, "sso".into()));
    assert_eq!(grace(json!({ "groups": ["risk"] })).status, 303, "and back");
}

#[tokio::test]
async fn an_answer_that_came_for_another_organization_is_refused_before_its_code_is_shown_to_anybody() {
    let stage = Stage::new().await;
    stage.bob_of_umbra().await;
    for elsewhere in ["umbra", "nowhere"] {
        let begun = stage.begin("next=", "");
        assert!(begun.url.contains("%2Fsso%2Facme%2Fcallback"), "{}", begun.url);
        let answer = follow(&begun.url).replace("/sso/acme/", &format!("/sso/{elsewhere}/"));
        stage.refuses(&stage.bring(&answer, &[&begun.browser]), "other_issuer").await;
    }
    assert_eq!(stage.provider.script(|script| script.codes_shown), 0);
    assert!(stage.settings().contains("/sso/acme/callback"), "it is what the provider is to know");
}

#[tokio::test]
async fn a_provider_that_says_it_names_itself_must_do_so_in_each_answer() {
    let mut stage = Stage::new().await;
    stage.provider = Provider::start();
    stage.provider.script(|script| script.names_itself = true);
    assert_eq!(stage.save("example.com", "observer").status, 200);
    assert_eq!(stage.sign_in().status, 303);
    let shown = stage.provider.script(|script| script.codes_shown);
    for other in ["", "&iss=https://login.example.org"] {
        let begun = stage.begin("next=", "");
        let answer = follow(&begun.url);
        let unnamed = answer.split("&iss=").next().unwrap();
        stage.refuses(&stage.bring(&format!("{unnamed}{other}"), &[&begun.browser]), "other_issuer").await;
    }
    assert_eq!(stage.provider.script(|script| script.codes_shown), shown);
}

#[tokio::test]
async fn refusals_without_end_do_not_make_a_journal_without_end() {
    let stage = Stage::new().await;
    let fill = "insert into sign_in_failure (key, at_ms)
         select 'sso_refused:' || t.id, (extract(epoch from now()) * 1000)::bigint from tenant t, generate_series(1, 99)";
    sqlx::query(fill).execute(&mut stage.owner().await).await.unwrap();
    stage.provider.script(|script| script.signing = Signing::None);
    assert_eq!(stage.sign_in().status, 409);
    assert_eq!(stage.journal("sso.refused").await.len(), 1, "the hundredth");
    stage.provider.script(|script| script.signing = Signing::OtherKey);
    assert_eq!(stage.sign_in().status, 409);
    assert_eq!(stage.journal("sso.refused").await.len(), 1);
    assert!(stage.settings().contains("signature was wrong"), "founders are told nevertheless");
}

#[tokio::test]
async fn tokens_signed_with_rsa_and_after_a_change_of_keys_are_good_too() {
    let stage = Stage::new().await;
    assert_eq!(stage.sign_in().status, 303);
    stage.provider.script(|script| script.signing = Signing::Rs256);
    assert_eq!(stage.sign_in().status, 303);
    stage.provider.script(|script| (script.signing, script.key_name, script.keys_read) = (Signing::Es256, "second", 0));
    assert_eq!(stage.sign_in().status, 303);
    assert_eq!(stage.sign_in().status, 303);
    assert_eq!(stage.provider.script(|script| script.keys_read), 1, "asked for once, when the key was not known");
}

#[tokio::test]
async fn an_address_may_come_from_the_userinfo_endpoint() {
    let stage = Stage::new().await;
    stage.provider.script(|script| script.address_by_userinfo = true);
    assert_eq!(stage.sign_in().status, 303);
    assert_eq!(stage.members().await[1].0, "grace@example.com");
}

#[tokio::test]
async fn tokens_that_cannot_be_believed_are_refused_with_one_sentence() {
    let stage = Stage::new().await;
    for (signing, why) in [
        (Signing::None, "algorithm"),
        (Signing::Hs256WithPublicKey, "algorithm"),
        (Signing::OtherKey, "signature"),
        (Signing::UnknownName, "unknown_key"),
    ] {
        stage.provider.script(|script| script.signing = signing);
        stage.refuses(&stage.sign_in(), why).await;
    }
    stage.provider.script(|script| script.signing = Signing::Es256);
    let cases: [(&str, fn(&mut Value)); 12] = [
        ("nonce", |claims| claims["nonce"] = "another".into()),
        ("nonce", |claims| drop(claims.as_object_mut().unwrap().remove("nonce"))),
        ("other_issuer", |claims| claims["iss"] = "https://login.example.org".into()),
        ("audience", |claims| claims["aud"] = "somebody else".into()),
        ("audience", |claims| claims["aud"] = json!([CLIENT_ID, "somebody else"])),
        ("audience", |claims| claims["azp"] = "somebody else".into()),
        ("expired", |claims| claims["exp"] = (claims["iat"].as_u64().unwrap() - 120).into()),
        ("not_yet_valid", |claims| claims["nbf"] = (claims["iat"].as_u64().unwrap() + 120).into()),
        ("not_yet_valid", |claims| claims["iat"] = (claims["iat"].as_u64().unwrap() + 120).into()),
        ("address_unverified", |claims| claims["email_verified"] = false.into()),
        ("address_unverified", |claims| drop(claims.as_object_mut().unwrap().remove("email_verified"))),
        ("address_outside", |claims| claims["email"] = "grace@elsewhere.example".into()),
    ];
    for (why, mangle) in cases {
        stage.provider.script(|script| script.mangle = mangle);
        stage.refuses(&stage.sign_in(), why).await;
    }
    let look_alikes: [fn(&mut Value); 3] = [
        |claims| claims["email"] = "grace@exаmple.com".into(),
        |claims| claims["email"] = "аda@example.com".into(),
        |claims| claims["email"] = "ada@example.com@elsewhere.example".into(),
    ];
    for mangle in look_alikes {
        stage.provider.script(|script| script.mangle = mangle);
        stage.refuses(&stage.sign_in(), "address_outside").await;
    }
    assert_eq!(stage.members().await.len(), 1, "nobody was made");
    stage
        .provider
        .script(|script| script.mangle = |claims| claims["exp"] = (claims["iat"].as_u64().unwrap() - 30).into());
    assert_eq!(stage.sign_in().status, 303, "clocks may differ by a minute");
}

#[tokio::test]
async fn an_answer_counts_once_in_the_browser_that_asked() {
    let stage = Stage::new().await;
    let begun = stage.begin("next=", "");
    let answer = follow(&begun.url);
    assert_eq!(stage.bring(&answer, &[&begun.browser]).status, 303);
    stage.refuses(&stage.bring(&answer, &[&begun.browser]), "replayed").await;

    let (mine, theirs) = (stage.begin("next=", ""), stage.begin("next=", ""));
    let answer = follow(&mine.url);
    stage.refuses(&stage.bring(&answer, &[&theirs.browser]), "other_browser").await;
    stage.refuses(&stage.bring(&answer, &[&mine.browser]), "replayed").await;
    let begun = stage.begin("next=", "");
    stage.refuses(&stage.bring(&follow(&begun.url), &[]), "other_browser").await;

    // The code of a sign-in that has ended, with the state of another one.
    let (first, second) = (stage.begin("next=", ""), stage.begin("next=", ""));
    let code = |url: &str| url.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let state = |url: &str| url.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let used = follow(&first.url);
    assert_eq!(stage.bring(&used, &[&first.browser]).status, 303);
    let mixed = format!("/sso/acme/callback?code={}&state={}", code(&used), state(&second.url));
    stage.refuses(&stage.bring(&mixed, &[&second.browser]), "code_refused").await;

    // A code that was stolen before it was used: its verifier is missing.
    let (victim, thief) = (stage.begin("next=", ""), stage.begin("next=", ""));
    let mixed = format!("/sso/acme/callback?code={}&state={}", code(&follow(&victim.url)), state(&thief.url));
    stage.refuses(&stage.bring(&mixed, &[&thief.browser]), "code_refused").await;
}

#[tokio::test]
async fn answers_without_state_or_code_are_refused() {
    let stage = Stage::new().await;
    let state = |url: &str| url.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let begun = stage.begin("next=", "");
    stage.refuses(&stage.bring("/sso/acme/callback?code=x", &[&begun.browser]), "no_state").await;
    for (answer, why) in [
        ("", "no_code"),
        ("&code=", "no_code"),
        ("&error=access_denied", "denied"),
        ("&code=x&iss=https://login.example.org", "other_issuer"),
    ] {
        let begun = stage.begin("next=", "");
        let path = format!("/sso/acme/callback?state={}{answer}", state(&begun.url));
        stage.refuses(&stage.bring(&path, &[&begun.browser]), why).await;
    }
    let before = stage.journal("sso.refused").await.len();
    for stray in ["/sso/acme/callback", "/sso/acme/callback?state=x&code=y", "/sso/acme/callback?state=x&state=y"] {
        let answer = stage.bring(stray, &[]);
        assert!(answer.status == 409 && answer.body.contains(REFUSED), "{stray}: {}", answer.body);
    }
    assert_eq!(stage.journal("sso.refused").await.len(), before, "what is nobody's is in nobody's journal");
}

#[tokio::test]
async fn an_answer_after_ten_minutes_is_too_late() {
    let stage = Stage::new().await;
    let begun = stage.begin("next=", "");
    sqlx::query("update sso_ceremony set started_ms = started_ms - 601000")
        .execute(&mut stage.owner().await)
        .await
        .unwrap();
    stage.refuses(&stage.bring(&follow(&begun.url), &[&begun.browser]), "late").await;
}

#[tokio::test]
async fn a_provider_that_misbehaves_lets_nobody_in_and_holds_nobody_up() {
    let stage = Stage::new().await;
    let begun = stage.begin("next=", "");
    stage.provider.script(|script| script.fault = Some(Fault::Slow));
    let since = Instant::now();
    let answer = stage.bring(&follow(&begun.url), &[&begun.browser]);
    assert!((9..15).contains(&since.elapsed().as_secs()), "{:?}", since.elapsed());
    assert!(answer.status == 503 && answer.body.contains("is not answering"), "{} {}", answer.status, answer.body);
    assert_eq!(stage.journal("sso.refused").await.pop().unwrap()["why"], "slow");

    // Nothing of the provider is known after a start: its document is read.
    for (fault, words) in [
        (Fault::Redirects, "a redirect, which is not followed"),
        (Fault::Huge, "more than 1 MiB"),
        (Fault::OtherIssuer, "another issuer"),
    ] {
        let fresh = Provider::start();
        fresh.script(|script| script.fault = Some(fault));
        let form =
            format!("issuer={}&client_id=c&domains=example.com&group_claim=groups&otherwise=observer", fresh.issuer);
        let saved = stage.post(&stage.founder, "/api/sso/save", &form);
        assert!(saved.status == 422 && saved.body.contains(words), "{fault:?}: {}", saved.body);
    }
    for (nowhere, words) in [
        ("http://127.0.0.1:9", "did not answer"),
        ("http://10.0.0.1", "may not reach"),
        ("https://169.254.169.254", "may not reach"),
        ("https://[::ffff:169.254.169.254]", "may not reach"),
        ("ftp://127.0.0.1", "may not reach"),
        ("login.example.com", "discovery document cannot be used"),
    ] {
        let form = format!("issuer={nowhere}&client_id=c&domains=example.com&group_claim=groups&otherwise=observer");
        let saved = stage.post(&stage.founder, "/api/sso/save", &form);
        assert!(saved.status == 422 && saved.body.contains(words), "{nowhere}: {}", saved.body);
    }
}

#[tokio::test]
async fn without_the_operators_word_no_provider_on_this_machine_is_reached() {
    let server = Server::start(&[]);
    let founder = server.set_up().await.cookie().await;
    let provider = Provider::start();
    let stage = Stage { server, provider, founder };
    stage.operator(&["allow-domain", "acme", "example.com"]);
    let saved = stage.save("example.com", "observer");
    assert!(saved.status == 422 && saved.body.contains("may not reach"), "{}", saved.body);
}

#[tokio::test]
async fn a_domain_is_claimed_by_whoever_has_an_address_in_it_or_the_operators_word() {
    let stage = Stage::new().await;
    let refused = |domains: &str, words: &str| {
        let saved = stage.save(domains, "observer");
        assert!(
            saved.status == 422 && saved.body.contains("invalid domains") && saved.body.contains(words),
            "{domains}: {}",
            saved.body
        );
    };
    refused("example.org", "You cannot claim example.org");
    refused("gmail.com", "belong to everybody");
    refused("ex%D0%B0mple.com", "Enter domains like");
    refused("", "");
    sqlx::query("update person set email = 'ada@example.org'").execute(&mut stage.owner().await).await.unwrap();
    refused("example.org", "You cannot claim example.org");
    sqlx::query("update person set verified_ms = 1").execute(&mut stage.owner().await).await.unwrap();
    assert_eq!(stage.save("example.com,+example.org", "observer").status, 200);
    let listed = stage.operator(&["list"]);
    assert_eq!(listed, "example.com\tacme\toptional\nexample.org\tacme\toptional\n");

    // What is another organization's stays theirs, and nobody is told whose it is.
    let (person, tenant) = (Uuid::from_u128(7), Uuid::from_u128(8));
    let mut owner = stage.owner().await;
    for statement in [
        "insert into tenant (id, slug, name, created_ms) values ($2, 'umbra', 'Umbra', 1)",
        "insert into person (id, email, name, password_hash, created_ms) select $1, 'eve@example.net', 'Eve', password_hash, 1 from person where $2::uuid is not null",
        "insert into membership (tenant_id, person_id, role) values ($2, $1, 'founder')",
        "insert into sso_domain (domain, tenant_id, enforced) select 'example.net', $2, false where $1::uuid is not null",
    ] {
        sqlx::query(statement).bind(person).bind(tenant).execute(&mut owner).await.unwrap();
    }
    stage.operator(&["allow-domain", "acme", "example.net"]);
    let saved = stage.save("example.net", "observer");
    assert!(saved.status == 422 && !saved.body.to_lowercase().contains("umbra"), "{}", saved.body);
}

#[tokio::test]
async fn an_account_of_another_organization_is_linked_by_its_own_person_alone() {
    let stage = Stage::new().await;
    stage.bob_of_umbra().await;
    let answer = stage.sign_in();
    assert!(answer.status == 409 && answer.body.contains("confirm the link"), "{}", answer.body);
    assert!(answer.body.contains("/sign-in?next=%2Fsso%2Facme"), "{}", answer.body);
    assert_eq!(stage.journal("sso.refused").await.pop().unwrap()["why"], "unconfirmed");

    // Somebody else's session confirms nothing, and one's own does not without being asked.
    assert_eq!(stage.link(&stage.founder).status, 409);
    let own = session_of(&stage.by_password("bob@example.com", "correct+horse+battery")).expect("a session");
    let begun = stage.begin("next=", &own);
    assert_eq!(stage.bring(&follow(&begun.url), &[&begun.browser, &own]).status, 409);
    let door = |cookie: &str| ask(&stage.server, "GET", "/sso/acme", &[HTML, ("Cookie", cookie)], "").body;
    let asked = door(&own);
    assert!(asked.contains("By going on you confirm") && asked.contains("name=\"link\""), "{asked}");
    assert!(!door("").contains("By going on you confirm"));

    // Nor does a proof of long ago.
    let age = "update session set proven_ms = proven_ms - 301000";
    sqlx::query(age).execute(&mut stage.owner().await).await.unwrap();
    let asked = door(&own);
    assert!(asked.contains("/confirm?next=%2Fsso%2Facme") && !asked.contains("name=\"link\""), "{asked}");
    assert_eq!(stage.link(&own).status, 409);

    let own = session_of(&stage.by_password("bob@example.com", "correct+horse+battery")).expect("a session");
    let answer = stage.link(&own);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let before = session_of(&stage.sign_in()).expect("from now on without asking");
    assert_eq!(stage.viewer(&before).status, 200);

    // Whoever gets the address after Bob is not Bob; unless Bob says so, and then the one before is not.
    stage.provider.person("bobby", json!({ "email": "bob@example.com", "email_verified": true, "groups": [] }));
    assert_eq!(stage.sign_in().status, 409);
    let members = stage.members().await;
    assert_eq!(members.iter().filter(|(email, _)| email == "bob@example.com").count(), 2, "{members:?}");
    assert_eq!(stage.link(&own).status, 409, "the provider's session has taken the place of that one");
    let own = session_of(&stage.by_password("bob@example.com", "correct+horse+battery")).expect("a session");
    assert_eq!(stage.link(&own).status, 303);
    assert_eq!(stage.viewer(&before).status, 401, "the sessions of the subject before have ended");
}

#[tokio::test]
async fn a_providers_session_opens_its_own_organization_until_its_person_has_proven_who_they_are() {
    let stage = Stage::new().await;
    stage.bob_of_umbra().await;
    let own = session_of(&stage.by_password("bob@example.com", "correct+horse+battery")).expect("a session");
    let there = |cookie: &str| stage.get(cookie, "/api/account/read_viewer?tenant=umbra");
    assert_eq!(stage.link(&own).status, 303);
    let own = session_of(&stage.by_password("bob@example.com", "correct+horse+battery")).expect("a session");
    assert!(stage.viewer(&own).body.contains("/t/umbra"), "both are Bob's");

    let lent = session_of(&stage.sign_in()).expect("a session");
    let shut = there(&lent);
    assert!(shut.status == 409 && shut.body.contains("does not speak for you in Umbra"), "{}", shut.body);
    let here = stage.viewer(&lent);
    assert!(here.status == 200 && !here.body.contains("/t/umbra"), "{}", here.body);
    assert!(stage.get(&lent, "/api/account/find_home").body.contains("/t/acme"));
    for act in ["begin_codes", "begin_passkey"] {
        let planted = stage.post(&lent, &format!("/api/account/{act}"), "");
        assert!(planted.status == 409 && planted.body.contains("belong to another organization"), "{}", planted.body);
    }

    let form = "act=%2Fapi%2Faccount%2Fprove&next=%2F&proof_password=correct+horse+battery";
    let proven = ask(&stage.server, "POST", "/confirm", &[FORM, HTML, ("Cookie", &lent)], form);
    let proven = session_of(&proven).expect("the session under another name");
    assert_eq!((there(&proven).status, stage.viewer(&proven).status), (200, 200));
    assert!(stage.viewer(&proven).body.contains("/t/umbra"));
    assert_eq!(stage.get(&stage.founder, "/api/account/read_viewer?tenant=umbra").status, 404, "none of Ada's");
}

#[tokio::test]
async fn where_it_is_required_passwords_do_not_count_and_other_sessions_end() {
    let stage = Stage::new().await;
    let mut owner = stage.owner().await;
    sqlx::query(
        "with added as (insert into person (id, email, name, password_hash, created_ms)
                        select $1, 'bob@example.com', 'Bob', password_hash, 1 from person),
              joined as (insert into person (id, email, name, password_hash, created_ms)
                        select $2, 'eve@elsewhere.example', 'Eve', password_hash, 1 from person)
         insert into membership (tenant_id, person_id, role)
         select tenant_id, id, 'observer' from membership, unnest(array[$1, $2]) id",
    )
    .bind(Uuid::from_u128(7))
    .bind(Uuid::from_u128(8))
    .execute(&mut owner)
    .await
    .unwrap();
    let by_password = |email: &str, password: &str| stage.by_password(email, password);
    let right = "correct+horse+battery";
    let bob = session_of(&by_password("bob@example.com", right)).expect("a session");
    let untested = stage.post(&stage.founder, "/api/sso/enforce", "enforced=true");
    assert!(untested.status == 409 && untested.body.contains("Test it first"), "{}", untested.body);
    let grace = session_of(&stage.sign_in()).expect("a session");

    assert_eq!(stage.post(&stage.founder, "/api/sso/enforce", "enforced=true").status, 200);
    assert_eq!(stage.viewer(&bob).status, 401);
    assert_eq!(stage.viewer(&grace).status, 200, "the provider's word stays good");
    assert_eq!(stage.viewer(&stage.founder).status, 200, "so does the session that switched it on");
    let (wrong, good) = (by_password("bob@example.com", "wrong"), by_password("bob@example.com", right));
    let nobody = by_password("nobody@example.com", "wrong");
    for answer in [&wrong, &good, &nobody] {
        let says = answer.body.contains("do not go together, or your organization requires single sign-on");
        assert!(answer.status == 409 && says && !answer.body.contains("Acme"), "{}", answer.body);
        assert!(session_of(answer).is_none());
    }
    assert_eq!((&wrong.body, &good.body), (&nobody.body, &nobody.body), "whether there is such an account is not said");
    assert!(session_of(&by_password("eve@elsewhere.example", right)).is_some(), "other domains are not held");

    // An organization that was there before is none of this one's: nor is its founder.
    for statement in [
        "insert into tenant (id, slug, name, created_ms) values ($1, 'umbra', 'Umbra', 0)",
        "insert into membership (tenant_id, person_id, role) values ($1, $1, 'founder')",
    ] {
        sqlx::query(statement).bind(Uuid::from_u128(8)).execute(&mut owner).await.unwrap();
    }
    assert!(stage.operator(&["optional", "acme"]).contains("by password again"));
    assert!(session_of(&by_password("bob@example.com", right)).is_some());
    let by = stage.journal("sso.enforced").await;
    assert_eq!(by[0]["by"], by[1]["by"], "in the name of its own founder");
    assert_eq!(
        (by[0]["enforced"].clone(), by[1]["enforced"].clone(), by[1]["via"]["how"].clone()),
        (true.into(), false.into(), "operator".into())
    );
}

#[tokio::test]
async fn a_member_who_is_shut_out_is_led_to_the_organizations_entrance() {
    let stage = Stage::new().await;
    let bob = stage.bob_of_umbra().await;
    let own = session_of(&stage.by_password("bob@example.com", "correct+horse+battery")).expect("a session");
    assert_eq!(stage.link(&own).status, 303);
    assert_eq!(stage.post(&stage.founder, "/api/sso/enforce", "enforced=true").status, 200);
    let own = session_of(&stage.by_password("bob@example.com", "correct+horse+battery")).expect("a session");
    let shut = stage.viewer(&own);
    assert!(shut.status == 409 && shut.body.contains("Acme is entered through its own sign-in"), "{}", shut.body);
    assert!(stage.get(&own, "/api/account/find_home").body.contains("/t/umbra"));
    let leave = "delete from membership where person_id = $1 and tenant_id = $2";
    sqlx::query(leave).bind(bob).bind(Uuid::from_u128(8)).execute(&mut stage.owner().await).await.unwrap();
    assert!(stage.get(&own, "/api/account/find_home").body.contains("/sso/acme"));
    sqlx::query("delete from membership where person_id = $1")
        .bind(bob)
        .execute(&mut stage.owner().await)
        .await
        .unwrap();
    assert!(stage.get(&own, "/api/account/find_home").body.contains("You belong to no organization now"));
}

#[tokio::test]
async fn an_invitation_into_an_organization_that_requires_it_counts_when_its_person_comes_through_the_provider() {
    let stage = Stage::new().await;
    assert_eq!(stage.sign_in().status, 303);
    assert_eq!(stage.post(&stage.founder, "/api/sso/enforce", "enforced=true").status, 200);
    assert_eq!(stage.save("example.com", "").status, 200);
    assert_eq!(stage.post(&stage.founder, "/api/member/invite", "email=bob%40example.com&role=reviewer").status, 200);
    let (mail,): (Uuid,) = sqlx::query_as("select id from mail where kind = 'invitation'")
        .fetch_one(&mut stage.owner().await)
        .await
        .unwrap();
    assert_eq!(stage.post(&stage.founder, "/api/mail/show", &format!("id={mail}")).status, 200);
    let shown = stage.get(&stage.founder, "/api/mail/draw?tenant=acme").body;
    let token: String = shown.split("/invite/").nth(1).expect("the link").chars().take(43).collect();

    let door = ask(&stage.server, "GET", &format!("/invite/{token}"), &[HTML], "").body;
    assert!(door.contains("is entered through its own sign-in") && door.contains("/sso/acme"), "{door}");
    assert!(!door.contains("new-password"), "{door}");
    let form = format!("token={token}&name=Bob&password=correct+horse+battery");
    let refused = ask(&stage.server, "POST", "/api/account/accept_invitation", &[FORM, JSON], &form);
    assert!(
        refused.status == 409 && refused.body.contains("Acme is entered through its own sign-in"),
        "{}",
        refused.body
    );

    let arrive = |groups: Value| {
        stage.provider.person("bob", json!({ "email": "bob@example.com", "email_verified": true, "groups": groups }));
        stage.sign_in()
    };
    let bob = async || stage.members().await.into_iter().find(|(email, _)| email == "bob@example.com");
    for time in ["the first", "and the second"] {
        assert_eq!(arrive(json!([])).status, 303, "{time}");
        assert_eq!(bob().await, Some(pair("bob@example.com", "reviewer")), "{time}");
    }
    let joined = stage.journal("account.joined").await;
    assert_eq!((joined.len(), joined[0]["via"]["how"].clone()), (1, "sso".into()));
    let over = ask(&stage.server, "GET", &format!("/invite/{token}"), &[HTML], "");
    assert!(over.status == 404, "{}", over.body);

    // From the first group on, groups decide.
    assert_eq!(arrive(json!(["board"])).status, 303);
    assert_eq!(bob().await, Some(pair("bob@example.com", "founder")));
    stage.refuses(&arrive(json!([])), "no_role").await;
    assert_eq!(bob().await, None);
}

#[tokio::test]
async fn the_sign_in_page_leads_to_the_provider_by_the_domain_alone() {
    let stage = Stage::new().await;
    let act = |path: &str, form: &str| ask(&stage.server, "POST", path, &[FORM, HTML], form);
    for email in ["ada%40example.com", "nobody%40example.com"] {
        let found = act("/sso", &format!("act=/api/sso/find&next=/t/acme/tasks&email={email}"));
        assert_eq!(
            (found.status, header(&found, "location")),
            (303, Some("/sso/acme?next=%2Ft%2Facme%2Ftasks")),
            "{email}"
        );
        let offered = act("/sign-in", &format!("act=/api/account/sign_in&next=&email={email}&password="));
        assert_eq!((offered.status, header(&offered, "location")), (303, Some("/sso/acme")), "{email}");
    }
    let none = act("/sso", "act=/api/sso/find&next=&email=ada%40elsewhere.example");
    assert!(none.status == 422 && none.body.contains("Sign in another way"), "{}", none.body);
    assert_eq!(ask(&stage.server, "GET", "/sso/umbra", &[HTML], "").status, 404);
    let away = stage.begin("next=https://evil.example/", "");
    let answer = stage.bring(&follow(&away.url), &[&away.browser]);
    assert_eq!(header(&answer, "location"), Some("/t/acme"), "nobody is led off this site");
}

#[tokio::test]
async fn a_session_is_as_fresh_as_the_proof_that_the_provider_took() {
    let stage = Stage::new().await;
    let board = json!({ "email": "grace@example.com", "email_verified": true, "groups": ["board"] });
    stage.provider.person("grace", board);
    let remembered = session_of(&stage.sign_in()).expect("a session");
    let change = |cookie: &str| stage.post(cookie, "/api/sso/enforce", "enforced=false").status;
    assert_eq!(change(&remembered), 403, "the provider remembered her since this morning");
    let begun = stage.begin("next=&again=1", "");
    assert!(begun.url.contains("prompt=login") && begun.url.contains("max_age=0"), "{}", begun.url);
    let anew = session_of(&stage.bring(&follow(&begun.url), &[&begun.browser])).expect("a session");
    assert_eq!(change(&anew), 200);
}

#[tokio::test]
async fn the_secret_is_sealed_and_shown_to_nobody_and_goes_to_no_other_issuer() {
    let stage = Stage::new().await;
    assert!(!stage.settings().contains("s3cr3t"));
    let (sealed,): (Vec<u8>,) =
        sqlx::query_as("select sealed_secret from sso_connection").fetch_one(&mut stage.owner().await).await.unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains("s3cr3t"));
    let form = |issuer: &str| {
        format!(
            "issuer={issuer}&client_id={CLIENT_ID}&client_secret=&domains=example.com&group_claim=groups&otherwise=observer"
        )
    };
    assert_eq!(stage.post(&stage.founder, "/api/sso/save", &form(&stage.provider.issuer)).status, 200);
    assert_eq!(stage.sign_in().status, 303, "an empty field keeps it");
    let other = Provider::start();
    assert_eq!(stage.post(&stage.founder, "/api/sso/save", &form(&other.issuer)).status, 200);
    let (kept,): (Option<Vec<u8>>,) =
        sqlx::query_as("select sealed_secret from sso_connection").fetch_one(&mut stage.owner().await).await.unwrap();
    assert_eq!(kept, None);
    assert!(stage.settings().contains("Not tested yet"));
    assert_eq!(stage.post(&stage.founder, "/api/sso/remove", "").status, 200);
    assert!(stage.settings().contains("Connect a provider"));
    assert_eq!(ask(&stage.server, "GET", "/sso/acme", &[HTML], "").status, 404);
}
