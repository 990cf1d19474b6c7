//! Invitations, members, addresses and the way back in, as any program and any mail server can see them.

mod harness;

use countersign_service::Client;
use harness::{
    Desk, Server,
    ask::{Answer, FORM, ask},
    eventually,
    smtp::MailServer,
};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

const JSON: (&str, &str) = ("Accept", "application/json");
const PASSWORD: &str = "another+horse+battery";
const NEW: &str = "staple+in+a+new+place";

/// A server with a mail server, and its founder's desk.
struct Place {
    server: Server,
    mail: MailServer,
    desk: Desk,
    owner: PgConnection,
    /// The founder's session.
    ada: String,
}

impl Place {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(args: &[&str]) -> Self {
        let mail = MailServer::start();
        let given = ["--smtp-url", &mail.url, "--mail-from", "Countersign <console@example.com>"];
        let server = Server::start(&[&given, args].concat());
        let desk = server.set_up().await;
        let owner = PgConnection::connect_with(&server.owner()).await.unwrap();
        let ada = desk.cookie().await;
        Self { server, mail, desk, owner, ada }
    }

    fn post(&self, cookie: Option<&str>, path: &str, form: &str) -> Answer {
        post(&self.server, cookie, path, form)
    }

    fn get(&self, cookie: Option<&str>, path: &str) -> Answer {
        let mut headers = vec![JSON];
        headers.extend(cookie.map(|cookie| ("Cookie", cookie)));
        ask(&self.server, "GET", path, &headers, "")
    }

    /// Invites, and answers the token of the mail that arrives.
    async fn invite(&self, email: &str, role: &str) -> String {
        let before = self.mail.mails().iter().filter(|mail| mail.to == email).count();
        let form = format!("tenant=acme&email={}&role={role}", email.replace('@', "%40"));
        let asked = self.post(Some(&self.ada), "/api/member/invite", &form);
        assert_eq!(asked.status, 200, "{}", asked.body);
        self.mail.mail_to(email, before + 1).await.token("invite")
    }

    fn accept(&self, token: &str) -> Answer {
        self.post(None, "/api/account/accept_invitation", &format!("token={token}&name=Bob&password={PASSWORD}"))
    }

    /// A member with a session of their own.
    async fn member(&self, email: &str, role: &str) -> String {
        let token = self.invite(email, role).await;
        self.accept(&token).cookie.expect("a session")
    }

    fn sign_in(&self, email: &str, password: &str) -> Answer {
        let form = format!("email={}&password={password}", email.replace('@', "%40"));
        self.post(None, "/api/account/sign_in", &form)
    }

    async fn sql(&mut self, sql: &'static str) {
        sqlx::query(sql).execute(&mut self.owner).await.unwrap();
    }

    async fn number(&mut self, sql: &'static str) -> i64 {
        let (number,): (i64,) = sqlx::query_as(sql).fetch_one(&mut self.owner).await.unwrap();
        number
    }

    async fn person(&mut self, email: &str) -> Uuid {
        let (id,): (Uuid,) = sqlx::query_as("select id from person where email = $1")
            .bind(email)
            .fetch_one(&mut self.owner)
            .await
            .unwrap();
        id
    }

    /// The entries of the journal of this kind, as JSON text.
    async fn journal(&mut self, kind: &str) -> Vec<String> {
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as("select canonical from journal where kind = $1 order by seq")
            .bind(kind)
            .fetch_all(&mut self.owner)
            .await
            .unwrap();
        rows.into_iter().map(|(bytes,)| String::from_utf8(bytes).unwrap()).collect()
    }
}

fn post(server: &Server, cookie: Option<&str>, path: &str, form: &str) -> Answer {
    let mut headers = vec![FORM, JSON];
    headers.extend(cookie.map(|cookie| ("Cookie", cookie)));
    ask(server, "POST", path, &headers, form)
}

#[tokio::test]
async fn an_invited_person_gets_a_mail_and_joins_in_their_role() {
    let mut place = Place::start().await;
    let token = place.invite("bob@example.com", "observer").await;
    let mail = place.mail.mail_to("bob@example.com", 1).await;
    assert_eq!(mail.from, "console@example.com");
    for part in ["Subject: Ada invites you to Acme", "Auto-Submitted: auto-generated", "@countersign>"] {
        assert!(mail.head.contains(part), "{part}: {}", mail.head);
    }
    assert!(mail.text.contains("to join Acme on Countersign, as observer"), "{}", mail.text);

    let joined = place.accept(&token);
    assert_eq!(joined.status, 200, "{}", joined.body);
    let bob = joined.cookie.expect("a session");
    let viewer = place.get(Some(&bob), "/api/account/read_viewer?tenant=acme").body;
    assert!(viewer.contains("bob@example.com") && viewer.contains("observer"), "{viewer}");
    assert_eq!(place.post(Some(&bob), "/api/agent/create", "tenant=acme&name=cso&delegates_to=").status, 403);
    assert_eq!(
        place.number("select count(*) from person where verified_ms is not null and email like 'bob@%'").await,
        1
    );
    let entries = place.journal("account.joined").await;
    assert!(entries.len() == 1 && entries[0].contains(r#""how":"link","from":"127.0.0.1""#), "{entries:?}");
    assert_eq!(place.number("select count(*) from mail where sealed is not null and sent_ms is not null").await, 0);
}

#[tokio::test]
async fn of_many_who_use_an_invitation_at_once_one_joins() {
    let mut place = Place::start().await;
    let token = place.invite("bob@example.com", "reviewer").await;
    // Tries of links are counted by address; 20 are fewer than it takes.
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..20).map(|_| scope.spawn(|| place.accept(&token).status)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| [200, 409].contains(status)), "{answers:?}");
    assert_eq!(place.number("select count(*) from person").await, 2);
    assert_eq!(place.number("select count(*) from membership").await, 2);
    assert_eq!(place.journal("account.joined").await.len(), 1);
}

#[tokio::test]
async fn an_invitation_that_does_not_work_is_refused_in_one_sentence_and_journaled() {
    let mut place = Place::start().await;
    let used = place.invite("used@example.com", "observer").await;
    assert_eq!(place.accept(&used).status, 200);
    let revoked = place.invite("revoked@example.com", "observer").await;
    let renewed = place.invite("renewed@example.com", "observer").await;
    let expired = place.invite("expired@example.com", "observer").await;
    let ids: Vec<(Uuid, String)> =
        sqlx::query_as("select id, email from invitation").fetch_all(&mut place.owner).await.unwrap();
    let id = |email: &str| ids.iter().find(|(_, other)| other == email).unwrap().0;
    for (act, email) in [("revoke", "revoked@example.com"), ("renew", "renewed@example.com")] {
        let form = format!("tenant=acme&id={}", id(email));
        assert_eq!(place.post(Some(&place.ada), &format!("/api/invitation/{act}"), &form).status, 200);
    }
    place.sql("update mail_link set expires_ms = 1 where email = 'expired@example.com'").await;

    for (token, words, why) in [
        (used.as_str(), "was used already", "used"),
        (&revoked, "was taken back", "revoked"),
        (&renewed, "was taken back", "revoked"),
        (&expired, "has expired", "expired"),
        ("nobody-ever-had-this", "does not work", ""),
        ("", "does not work", ""),
        (&used[..20], "does not work", ""),
    ] {
        let before = place.journal("account.invitation_refused").await.len();
        let answer = place.accept(token);
        assert!(answer.status == 409 && answer.body.contains(words), "{words}: {} {}", answer.status, answer.body);
        assert!(!answer.body.contains('@') && !answer.body.contains("Acme"), "{}", answer.body);
        let entries = place.journal("account.invitation_refused").await;
        if why.is_empty() {
            assert_eq!(entries.len(), before, "nobody's invitation is in nobody's journal");
        } else {
            assert!(entries.last().unwrap().contains(&format!(r#""why":"{why}""#)), "{why}: {entries:?}");
        }
    }
    let again = place.mail.mail_to("renewed@example.com", 2).await.token("invite");
    assert_eq!(place.accept(&again).status, 200, "the newer link works");
}

#[tokio::test]
async fn an_invitation_is_for_its_address_alone() {
    let mut place = Place::start().await;
    let bob = place.member("bob@example.com", "observer").await;
    let token = place.invite("carol@example.com", "founder").await;
    let taken = place.post(Some(&bob), "/api/account/join_tenant", &format!("token={token}"));
    assert!(taken.status == 409 && taken.body.contains("another address"), "{}", taken.body);
    let entries = place.journal("account.invitation_refused").await;
    assert!(entries[0].contains(r#""why":"other_address""#), "{entries:?}");
    let stranger = place.post(None, "/api/account/join_tenant", &format!("token={token}"));
    assert_eq!(stranger.status, 401);
    let (role,): (String,) = sqlx::query_as("select role from membership where person_id = $1")
        .bind(place.person("bob@example.com").await)
        .fetch_one(&mut place.owner)
        .await
        .unwrap();
    assert_eq!(role, "observer", "nobody becomes a founder by somebody else's invitation");
    assert_eq!(place.accept(&token).status, 200, "the one who was invited still can");
}

#[tokio::test]
async fn addresses_that_only_look_like_others_are_no_addresses() {
    let place = Place::start().await;
    for odd in [
        "b%D0%BEb%40example.com",     // a Cyrillic o
        "bob%40exampl%D0%B5.com",     // a Cyrillic e
        "bob%EF%BC%A0example.com",    // a full-width @
        "bob%E2%80%8B%40example.com", // a zero-width space
        "bob%40example.com%0ABcc%3A+x%40example.com",
        "bob",
        "",
    ] {
        let answer =
            place.post(Some(&place.ada), "/api/member/invite", &format!("tenant=acme&email={odd}&role=observer"));
        assert!(answer.status == 422 && answer.body.contains("invalid email"), "{odd}: {}", answer.body);
    }
    for (email, role) in [("bob%40example.com", "owner"), ("bob%40example.com", "")] {
        let answer =
            place.post(Some(&place.ada), "/api/member/invite", &format!("tenant=acme&email={email}&role={role}"));
        assert!(answer.status == 422 && answer.body.contains("invalid role"), "{}", answer.body);
    }
    assert!(place.mail.mails().iter().all(|mail| mail.to == "ada@example.com"));
    place.invite("bob@example.com", "observer").await;
    let twice = place.post(Some(&place.ada), "/api/member/invite", "tenant=acme&email=BOB%40Example.com&role=founder");
    assert!(twice.status == 409 && twice.body.contains("has an invitation that waits"), "{}", twice.body);
    let member = place.post(Some(&place.ada), "/api/member/invite", "tenant=acme&email=Ada%40example.com&role=founder");
    assert!(member.status == 409 && member.body.contains("is a member already"), "{}", member.body);
}

#[tokio::test]
async fn a_role_counts_from_the_next_request_and_the_last_founder_stays() {
    let mut place = Place::start().await;
    let bob = place.member("bob@example.com", "observer").await;
    let (ada_id, bob_id) = (place.person("ada@example.com").await, place.person("bob@example.com").await);
    let change = |place: &Place, cookie: &str, who: Uuid, role: &str| {
        place.post(Some(cookie), "/api/member/change_role", &format!("tenant=acme&id={who}&role={role}"))
    };
    let create = |place: &Place, name: &str| {
        place.post(Some(&bob), "/api/agent/create", &format!("tenant=acme&name={name}&delegates_to=")).status
    };
    assert_eq!(change(&place, &bob, bob_id, "founder").status, 403, "nobody promotes themselves");
    assert_eq!(create(&place, "cso"), 403);
    assert_eq!(change(&place, &place.ada, bob_id, "founder").status, 200);
    assert_eq!(create(&place, "cso"), 200);
    assert_eq!(change(&place, &place.ada, bob_id, "observer").status, 200);
    assert_eq!(create(&place, "cto"), 403);

    let last = change(&place, &place.ada, ada_id, "observer");
    assert!(last.status == 409 && last.body.contains("last founder"), "{}", last.body);
    let gone = place.post(Some(&place.ada), "/api/member/remove", &format!("tenant=acme&id={ada_id}"));
    assert!(gone.status == 409 && gone.body.contains("last founder"), "{}", gone.body);

    // Two founders who step back at the same moment: one stays.
    assert_eq!(change(&place, &place.ada, bob_id, "founder").status, 200);
    let both = std::thread::scope(|scope| {
        let one = scope.spawn(|| change(&place, &place.ada, ada_id, "observer").status);
        let other = scope.spawn(|| change(&place, &bob, bob_id, "observer").status);
        [one.join().unwrap(), other.join().unwrap()]
    });
    assert!(both.contains(&409) || both.contains(&403), "{both:?}");
    assert_eq!(place.number("select count(*) from membership where role = 'founder'").await, 1);
    let entries = place.journal("account.role_changed").await;
    assert!(entries[0].contains(r#""from":"observer","to":"founder""#), "{entries:?}");
}

#[tokio::test]
async fn whoever_is_removed_is_out_at_once() {
    let mut place = Place::start().await;
    let bob = place.member("bob@example.com", "reviewer").await;
    let bob_id = place.person("bob@example.com").await;
    sqlx::query("insert into tenant (id, slug, name, created_ms) values ($1, 'other', 'Other', 1)")
        .bind(Uuid::from_u128(2))
        .execute(&mut place.owner)
        .await
        .unwrap();
    sqlx::query("insert into journal_head (tenant_id, seq, hash) values ($1, 0, '')")
        .bind(Uuid::from_u128(2))
        .execute(&mut place.owner)
        .await
        .unwrap();
    sqlx::query("insert into membership (tenant_id, person_id, role) values ($1, $2, 'founder')")
        .bind(Uuid::from_u128(2))
        .bind(bob_id)
        .execute(&mut place.owner)
        .await
        .unwrap();
    let remove = |place: &Place, cookie: &str, tenant: &str| {
        place.post(Some(cookie), "/api/member/remove", &format!("tenant={tenant}&id={bob_id}")).status
    };
    assert_eq!(remove(&place, &bob, "acme"), 403);
    assert_eq!(remove(&place, &place.ada, "acme"), 200);
    assert_eq!(place.get(Some(&bob), "/api/fleet/draw?tenant=acme").status, 404);
    assert_eq!(place.get(Some(&bob), "/api/fleet/draw?tenant=other").status, 200, "the session goes on elsewhere");
    assert_eq!(remove(&place, &place.ada, "acme"), 404, "somebody who is no member");

    sqlx::query("delete from membership where tenant_id = $1")
        .bind(Uuid::from_u128(2))
        .execute(&mut place.owner)
        .await
        .unwrap();
    let again = place.invite("bob@example.com", "observer").await;
    let signed_in = place.sign_in("bob@example.com", PASSWORD).cookie.expect("a session in no tenant");
    let joined = place.post(Some(&signed_in), "/api/account/join_tenant", &format!("token={again}"));
    assert_eq!(joined.status, 200, "{}", joined.body);
    assert_eq!(remove(&place, &place.ada, "acme"), 200);
    assert_eq!(place.get(Some(&signed_in), "/api/fleet/draw?tenant=acme").status, 401, "no tenant is left: signed out");
}

#[tokio::test]
async fn what_a_removed_founder_left_behind_opens_nothing() {
    let mut place = Place::start().await;
    let bob = place.member("bob@example.com", "founder").await;
    let bob_id = place.person("bob@example.com").await;
    let form = "tenant=acme&once=0190f0f0-0000-7000-8000-000000000000&name=Deploys&scopes[]=read&days=7";
    let made = place.post(Some(&bob), "/api/token/make", form);
    assert_eq!(made.status, 200, "{}", made.body);
    let form = "tenant=acme&email=carol%40example.com&role=founder";
    assert_eq!(place.post(Some(&bob), "/api/member/invite", form).status, 200);
    let carols = place.mail.mail_to("carol@example.com", 1).await.token("invite");
    let waiting = place.invite("dan@example.com", "observer").await;

    let removed = place.post(Some(&place.ada), "/api/member/remove", &format!("tenant=acme&id={bob_id}"));
    assert_eq!(removed.status, 200, "{}", removed.body);
    let refused = place.accept(&carols);
    assert!(refused.status == 409 && refused.cookie.is_none(), "{}", refused.body);
    assert_eq!(place.number("select count(*) from api_token where revoked_ms is null").await, 0);
    // Nor does what was sent to them before they joined by another way.
    assert!(place.accept(&waiting).cookie.is_some(), "others' invitations go on");
}

#[tokio::test]
async fn what_was_added_to_an_account_before_its_mailbox_was_proven_ends_when_its_owner_recovers_it() {
    let mut place = Place::start().await;
    // Somebody reads the invitation on its way, and accepts it in Bob's name.
    let thief = place.member("bob@example.com", "reviewer").await;
    let bob = place.person("bob@example.com").await;
    place.sql("update person set verified_ms = null where email = 'bob@example.com'").await;
    sqlx::query("insert into recovery_code (person_id, digest) values ($1, $2)")
        .bind(bob)
        .bind([7_u8; 32].as_slice())
        .execute(&mut place.owner)
        .await
        .unwrap();
    assert_eq!(place.post(Some(&thief), "/api/account/begin_codes", "tenant=acme").status, 200);

    place.post(None, "/api/account/ask_recovery", "email=bob%40example.com");
    let token = eventually("the mail", async || {
        let mails = place.mail.mails();
        let mail = mails.iter().find(|mail| mail.to == "bob@example.com" && mail.head.contains("Set a new password"));
        mail.map(|mail| mail.token("recover")).ok_or_else(|| format!("{} mails", mails.len()))
    })
    .await;
    let set = place.post(None, "/api/account/recover", &format!("token={token}&password={NEW}"));
    assert_eq!(set.status, 200, "{}", set.body);
    assert_eq!(place.number("select count(*) from code_secret").await, 0);
    assert_eq!(place.number("select count(*) from recovery_code").await, 0);
    assert_eq!(
        place.number("select count(*) from person where email = 'bob@example.com' and verified_ms > 0").await,
        1
    );
    assert_eq!(place.journal("account.address_confirmed").await.len(), 1);
}

#[tokio::test]
async fn nobody_gets_around_single_sign_on_by_another_address() {
    let mut place = Place::start().await;
    let bob = place.member("bob@example.com", "observer").await;
    let change = |place: &Place, to: &str| {
        place.post(Some(&bob), "/api/account/change_address", &format!("tenant=acme&email={to}"))
    };
    assert_eq!(change(&place, "bob%40elsewhere.example").status, 200);
    let before = place.mail.mail_to("bob@elsewhere.example", 1).await.token("verify");
    sqlx::query("insert into sso_domain (domain, tenant_id, enforced) select 'example.com', id, true from tenant")
        .execute(&mut place.owner)
        .await
        .unwrap();
    // The session of before is none for the organization any more, but is one still.
    let confirmed = place.post(Some(&bob), "/api/account/confirm_address", &format!("token={before}"));
    assert!(confirmed.status == 409 && confirmed.body.contains("requires single sign-on"), "{}", confirmed.body);
    assert_eq!(place.number("select count(*) from person where email = 'bob@example.com'").await, 1);
}

#[tokio::test]
async fn whoever_forgot_the_password_sets_another_by_mail() {
    let mut place = Place::start().await;
    let ask = |email: &str| place.post(None, "/api/account/ask_recovery", &format!("email={email}"));
    let known = ask("ada%40example.com");
    let unknown = ask("nobody%40example.com");
    let without_date = |answer: &Answer| {
        let lines: Vec<&str> = answer.head.lines().filter(|line| !line.starts_with("date:")).collect();
        format!("{}\n\n{}", lines.join("\n"), answer.body)
    };
    assert_eq!(without_date(&known), without_date(&unknown), "the same, byte for byte");
    assert!(known.status < 400, "{}", known.body);
    let token = eventually("the mail", async || {
        let mails = place.mail.mails();
        let mail = mails.iter().find(|mail| mail.head.contains("Set a new password"));
        mail.map(|mail| mail.token("recover")).ok_or_else(|| format!("{} mails", mails.len()))
    })
    .await;
    let recover = |token: &str, password: &str| {
        place.post(None, "/api/account/recover", &format!("token={token}&password={password}"))
    };
    let weak = recover(&token, "short");
    assert!(weak.status == 422 && weak.body.contains("invalid password"), "{}", weak.body);
    assert_eq!(recover(&token, NEW).status, 200, "a weak one did not use the link up");
    assert_eq!(place.get(Some(&place.ada), "/api/fleet/draw?tenant=acme").status, 401, "all sessions have ended");
    let twice = recover(&token, PASSWORD);
    assert!(twice.status == 409 && twice.body.contains("does not work any more"), "{}", twice.body);
    assert!(place.sign_in("ada@example.com", NEW).cookie.is_some());
    assert_eq!(place.sign_in("ada@example.com", "correct+horse+battery").status, 422);
    eventually("the notice", async || {
        let told = place.mail.mails().iter().any(|mail| mail.head.contains("Your password was changed"));
        if told { Ok(()) } else { Err("none".to_owned()) }
    })
    .await;
    assert!(place.mail.mails().iter().all(|mail| mail.to != "nobody@example.com"));
    assert_eq!(place.journal("account.recovery_asked").await.len(), 1);
    assert_eq!(place.journal("account.password_reset").await.len(), 1);
    assert_eq!(place.number("select count(*) from recovery_request").await, 0);
}

#[tokio::test]
async fn a_link_to_a_new_password_ends_after_half_an_hour_and_of_several_uses_one_counts() {
    let mut place = Place::start().await;
    let links: Vec<String> = {
        let mut links = Vec::new();
        for _ in 0..2 {
            links.push(place.desk.service.new_recovery_link("ada@example.com").await.unwrap());
        }
        links.iter().map(|link| link.rsplit('/').next().unwrap().to_owned()).collect()
    };
    place.sql("update mail_link set expires_ms = 1 where kind = 'recovery' and made_ms = (select min(made_ms) from mail_link where kind = 'recovery')").await;
    let recover =
        |token: &str| place.post(None, "/api/account/recover", &format!("token={token}&password={NEW}")).status;
    assert_eq!(recover(&links[0]), 409);
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..6).map(|_| scope.spawn(|| recover(&links[1]))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(place.journal("account.password_reset").await.len(), 1);
}

#[tokio::test]
async fn asking_for_passwords_again_and_again_floods_nobody() {
    let place = Place::start().await;
    let asked: Vec<u16> =
        (0..12).map(|_| place.post(None, "/api/account/ask_recovery", "email=ada%40example.com").status).collect();
    assert_eq!(asked[10..], [429, 429], "{asked:?}");
    let probe = place.post(None, "/api/account/ask_recovery", "email=ada%40example.com");
    assert_eq!(probe.status, 429);
    let client = Client::new("203.0.113.9", "");
    place.desk.service.ask_recovery("ada@example.com", &client).await.unwrap();
    eventually("all requests answered", async || {
        let mut owner = PgConnection::connect_with(&place.server.owner()).await.unwrap();
        let (left,): (i64,) =
            sqlx::query_as("select count(*) from recovery_request").fetch_one(&mut owner).await.unwrap();
        if left == 0 { Ok(()) } else { Err(format!("{left} left")) }
    })
    .await;
    let mut owner = PgConnection::connect_with(&place.server.owner()).await.unwrap();
    let (links,): (i64,) =
        sqlx::query_as("select count(*) from mail_link where kind = 'recovery'").fetch_one(&mut owner).await.unwrap();
    assert_eq!(links, 3);
}

#[tokio::test]
async fn an_address_counts_once_its_person_confirmed_it() {
    let mut place = Place::start().await;
    let first = place.mail.mail_to("ada@example.com", 1).await.token("verify");
    let confirm = |cookie: Option<&str>, token: &str| {
        place.post(cookie, "/api/account/confirm_address", &format!("token={token}"))
    };
    assert_eq!(confirm(None, &first).status, 401, "only for its person, signed in");
    let page = place.get(Some(&place.ada), &format!("/verify/{first}"));
    assert_eq!(page.status, 200, "opening the page changes nothing");
    assert_eq!(place.number("select count(*) from person where verified_ms is not null").await, 0);
    let bob = place.member("bob@example.com", "observer").await;
    let confirm = |place: &Place, cookie: &str, token: &str| {
        place.post(Some(cookie), "/api/account/confirm_address", &format!("token={token}"))
    };
    assert_eq!(confirm(&place, &bob, &first).status, 409, "nobody confirms somebody else's");
    assert_eq!(confirm(&place, &place.ada, &first).status, 200);
    assert_eq!(confirm(&place, &place.ada, &first).status, 409, "once");

    let change = |place: &Place, to: &str| {
        place.post(Some(&place.ada), "/api/account/change_address", &format!("tenant=acme&email={to}"))
    };
    for same in ["ada%40example.com", "ADA%40example.com"] {
        assert_eq!(change(&place, same).status, 422);
    }
    assert_eq!(change(&place, "bob%40example.com").status, 200, "it does not tell whose addresses exist");
    let taken = place.mail.mail_to("bob@example.com", 2).await.token("verify");
    let refused = confirm(&place, &place.ada, &taken);
    assert!(refused.status == 409 && refused.body.contains("another account"), "{}", refused.body);

    assert_eq!(change(&place, "lovelace%40example.com").status, 200);
    let token = place.mail.mail_to("lovelace@example.com", 1).await.token("verify");
    eventually("a notice to the old address", async || {
        let mails = place.mail.mails();
        let told = mails.iter().any(|mail| mail.to == "ada@example.com" && mail.text.contains("lovelace@example.com"));
        if told { Ok(()) } else { Err(format!("{} mails", mails.len())) }
    })
    .await;
    assert!(place.sign_in("ada@example.com", "correct+horse+battery").cookie.is_some(), "the old one still counts");
    assert_eq!(confirm(&place, &place.ada, &token).status, 200);
    assert!(place.sign_in("lovelace@example.com", "correct+horse+battery").cookie.is_some());
    assert_eq!(place.sign_in("ada@example.com", "correct+horse+battery").status, 422);
    let entries = place.journal("account.address_confirmed").await;
    assert!(entries.len() == 2 && entries[1].contains("lovelace@example.com"), "{entries:?}");
}

#[tokio::test]
async fn a_mail_is_tried_again_later_and_given_up_when_it_is_refused() {
    let mut place = Place::start().await;
    place.mail.mail_to("ada@example.com", 1).await;
    place.mail.refuse(&["451 4.7.1 greylisted"]);
    let form = "tenant=acme&email=bob%40example.com&role=observer";
    assert_eq!(place.post(Some(&place.ada), "/api/member/invite", form).status, 200);
    let ada = place.ada.clone();
    let page = async |place: &Place, words: &str| {
        eventually(words, async || {
            let page = place.get(Some(&ada), "/api/mail/draw?tenant=acme").body;
            if page.contains(words) { Ok(()) } else { Err(page) }
        })
        .await;
    };
    page(&place, "try again later (451)").await;
    // The clock of the outbox is set on.
    place.sql("update mail set next_ms = 0 where recipient = 'bob@example.com'").await;
    place.mail.mail_to("bob@example.com", 1).await;

    place.mail.refuse(&["550 5.1.1 no such user"]);
    let form = "tenant=acme&email=carol%40example.com&role=observer";
    assert_eq!(place.post(Some(&place.ada), "/api/member/invite", form).status, 200);
    page(&place, "refused it (550)").await;
    assert_eq!(place.number("select count(*) from mail where given_up_ms is not null and sealed is null").await, 1);
}

#[tokio::test]
async fn without_a_mail_server_a_founder_hands_invitations_on_and_the_log_keeps_no_link() {
    let server = Server::start(&["--log", "debug,sqlx=warn,async_nats=warn,hyper=info"]);
    let desk = server.set_up().await;
    let ada = desk.cookie().await;
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let invited = post(&server, Some(&ada), "/api/member/invite", "tenant=acme&email=bob%40example.com&role=reviewer");
    assert_eq!(invited.status, 200, "{}", invited.body);
    eventually("a line in the log", async || {
        let log = server.log();
        if log.contains("a mail waits: there is no mail server") { Ok(()) } else { Err(log) }
    })
    .await;
    // Nobody is told that a mail is on its way.
    eventually("her page says that her link waits", async || {
        let own = ask(&server, "GET", "/api/account/draw_sessions?tenant=acme", &[JSON, ("Cookie", &ada)], "").body;
        let told = own.contains("has no mail server, so the link to") && !own.contains("is on its way");
        if told { Ok(()) } else { Err(own) }
    })
    .await;
    let page = |cookie: &str| ask(&server, "GET", "/api/mail/draw?tenant=acme", &[JSON, ("Cookie", cookie)], "");
    assert!(page(&ada).body.contains("no mail server") && !page(&ada).body.contains("/invite/"));

    let id = async |owner: &mut PgConnection, kind: &str| -> Uuid {
        let (id,) = sqlx::query_as("select id from mail where kind = $1").bind(kind).fetch_one(owner).await.unwrap();
        id
    };
    let invitation = id(&mut owner, "invitation").await;
    let show = |cookie: &str, id: Uuid| post(&server, Some(cookie), "/api/mail/show", &format!("tenant=acme&id={id}"));
    assert_eq!(show(&ada, invitation).status, 200);
    let shown = page(&ada).body;
    let token: String = shown.split("/invite/").nth(1).expect("the link").chars().take(43).collect();

    // Opened and used, in every way that leaves a trace.
    let door = ask(&server, "GET", &format!("/invite/{token}"), &[("Accept", "text/html")], "");
    assert_eq!(door.status, 200, "{}", door.body);
    ask(&server, "GET", &format!("/sign-in?next=%2Finvite%2F{token}"), &[("Accept", "text/html")], "");
    let form = format!("token={token}&name=Bob&password={PASSWORD}");
    let bob = post(&server, None, "/api/account/accept_invitation", &form).cookie.expect("a session");
    let (verified,): (i64,) = sqlx::query_as("select count(*) from person where verified_ms is not null")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(verified, 0, "whoever read the mail in the outbox may have been who used it");

    // A reviewer sees none of it, and nobody sees the links to accounts.
    assert_eq!(page(&bob).status, 403);
    assert_eq!(show(&bob, invitation).status, 403);
    post(&server, None, "/api/account/ask_recovery", "email=bob%40example.com");
    let recovery = eventually("the recovery", async || {
        let found: Option<(Uuid,)> =
            sqlx::query_as("select id from mail where kind = 'recovery'").fetch_optional(&mut owner).await.unwrap();
        found.map(|(id,)| id).ok_or_else(|| "none".to_owned())
    })
    .await;
    let verification = id(&mut owner, "verification").await;
    for private in [recovery, verification] {
        assert_eq!(show(&ada, private).status, 404);
    }
    let page = page(&ada).body;
    assert!(page.contains("user reset-link bob@example.com") && !page.contains("/recover/"), "{page}");
    let link = harness::countersign()
        .args(["user", "reset-link", "bob@example.com", "--data-dir"])
        .arg(&server.dir)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&link.stdout).into_owned();
    let handed: String = said.split("/recover/").nth(1).expect("a link").chars().take(43).collect();
    let set = post(&server, None, "/api/account/recover", &format!("token={handed}&password={NEW}"));
    assert_eq!(set.status, 200, "{}", set.body);
    let log = server.log();
    for secret in [&token, &handed] {
        assert!(!log.contains(secret.as_str()), "a link in the log");
    }
}

#[tokio::test]
async fn a_person_of_two_organizations_finds_both_and_the_last_one_first() {
    let mut place = Place::start().await;
    for sql in [
        "insert into tenant (id, slug, name, created_ms) values ('00000000-0000-0000-0000-000000000002', 'other', 'Other', 1)",
        "insert into journal_head (tenant_id, seq, hash) values ('00000000-0000-0000-0000-000000000002', 0, '')",
    ] {
        place.sql(sql).await;
    }
    let viewer = |place: &Place, tenant: &str| {
        place.get(Some(&place.ada), &format!("/api/account/read_viewer?tenant={tenant}")).body
    };
    assert!(!viewer(&place, "acme").contains("/t/other"), "no switch where there is nothing to switch to");
    place
        .sql("insert into membership (tenant_id, person_id, role) select '00000000-0000-0000-0000-000000000002', id, 'observer' from person")
        .await;
    let home = |place: &Place| place.get(Some(&place.ada), "/api/account/find_home").body;
    assert!(home(&place).contains("/t/acme"), "{}", home(&place));
    let there = viewer(&place, "other");
    assert!(there.contains("observer") && there.contains("/t/acme"), "{there}");
    assert!(home(&place).contains("/t/other"), "{}", home(&place));
    let agent = "name=cso&delegates_to=";
    assert_eq!(place.post(Some(&place.ada), "/api/agent/create", &format!("tenant=other&{agent}")).status, 403);
    assert_eq!(place.post(Some(&place.ada), "/api/agent/create", &format!("tenant=acme&{agent}")).status, 200);
    assert!(home(&place).contains("/t/acme"), "{}", home(&place));
}

#[tokio::test]
async fn members_are_changed_only_by_who_has_just_proven_to_be_a_founder() {
    let mut place = Place::start().await;
    place.sql("update session set proven_ms = 0").await;
    let form = "tenant=acme&email=bob%40example.com&role=observer";
    assert_eq!(place.post(Some(&place.ada), "/api/member/invite", form).status, 403);
    assert_eq!(place.number("select count(*) from invitation").await, 0);
}
