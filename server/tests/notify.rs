//! What waits, told outside the console: by mail and by webhook, as any mail server and any receiver can see it.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients, and read the clock")]

mod harness;
#[path = "briefs/place.rs"]
#[allow(dead_code, reason = "the tests of briefs use more of it")]
mod place;
#[path = "notify/turns.rs"]
mod turns;

use countersign_domain::{Role, brief::BriefState, reading::BriefRow};
use countersign_server::compose;
use countersign_service::Service;
use data_encoding::BASE64;
use futures::future::join_all;
use harness::{
    Server,
    ask::{Answer, FORM, ask},
    eventually,
    receiver::{self, Arrived, Receiver},
    smtp::{self, MailServer},
};
use place::{Author, Place, now};
use ring::hmac;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use std::time::Duration;

const JSON: (&str, &str) = ("Accept", "application/json");
/// What these tests make wait.
const KINDS: [&str; 5] = ["brief_opened", "brief_due", "brief_lapsed", "brief_silent", "webhook_off"];
/// What waits for a moment while an agent is made.
const OTHERS: [&str; 3] = ["review_waiting", "letter_waiting", "agent_lost"];

/// A server with a mail server, which may reach private addresses.
struct Stage {
    place: Place,
    mail: MailServer,
    /// The founder's session.
    ada: String,
}

impl Stage {
    async fn start() -> Self {
        Self::start_with(&["--webhooks-allow-private"]).await
    }

    async fn start_with(args: &[&str]) -> Self {
        let mail = MailServer::start();
        let given = ["--smtp-url", &mail.url, "--mail-from", "Countersign <console@example.com>"];
        let server = Server::start(&[&given, args].concat());
        let desk = server.set_up().await;
        let owner = PgConnection::connect_with(&server.owner()).await.unwrap();
        let ada = desk.cookie().await;
        Self { place: Place { server, desk, owner }, mail, ada }
    }

    /// The founder's address is known to be theirs.
    async fn confirm(&mut self) {
        self.place.sql("update person set verified_ms = 1").await;
    }

    fn post(&self, path: &str, form: &str) -> Answer {
        let headers = [FORM, JSON, ("Cookie", self.ada.as_str())];
        ask(&self.place.server, "POST", path, &headers, &format!("tenant=acme&{form}"))
    }

    /// Hears of briefs and webhooks in this way, with more of the form.
    fn prefer(&self, cell: &str, more: &[(&str, &str)]) {
        let mut entries: Vec<(&str, &str)> = KINDS.iter().map(|kind| (*kind, cell)).collect();
        entries.extend(OTHERS.iter().map(|kind| (*kind, "none")));
        entries.extend([("offset", "+00:00"), ("digest", "08:00")]);
        entries.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        entries.extend(more);
        let form =
            entries.iter().map(|(name, value)| format!("{name}={}", value.replace('+', "%2B").replace(':', "%3A")));
        let saved = self.post("/api/notice/save", &form.collect::<Vec<_>>().join("&"));
        assert_eq!(saved.status, 200, "{}", saved.body);
    }

    fn try_make(&self, url: &str, shape: &str) -> Answer {
        let kinds = KINDS.map(|kind| format!("kinds[]={kind}")).join("&");
        let once = uuid::Uuid::from_u128(u128::from(now().0.unsigned_abs()) << 64 | u128::from(rand_of(url)));
        let url =
            url.replace(':', "%3A").replace('/', "%2F").replace('?', "%3F").replace('=', "%3D").replace('@', "%40");
        self.post("/api/webhook/make", &format!("once={once}&name=Pager&url={url}&shape={shape}&{kinds}"))
    }

    /// Makes a webhook; answers its secret, empty where nothing is signed.
    fn make(&self, url: &str, shape: &str) -> String {
        let made = self.try_make(url, shape);
        assert_eq!(made.status, 200, "{}", made.body);
        serde_json::from_str(&made.body).unwrap()
    }

    async fn webhook_id(&mut self) -> String {
        self.text("select id::text from webhook order by made_ms desc limit 1").await
    }

    async fn text(&mut self, sql: &'static str) -> String {
        let (text,): (String,) = sqlx::query_as(sql).fetch_one(&mut self.place.owner).await.unwrap();
        text
    }

    async fn brief(&self, author: &Author, name: &str, hours: i64) -> BriefRow {
        let mut payload = author.payload(name);
        payload["deadline"] = json!(place::in_hours(hours));
        self.place.open(author, &payload).await
    }

    /// What was mailed to them of what waits.
    fn all_told(&self, to: &str) -> Vec<smtp::Arrived> {
        let mails = self.mail.mails().into_iter();
        mails.filter(|mail| mail.to == to && mail.text.contains("/settings/notifications")).collect()
    }

    /// Waits for mail number `count` of what waits, and answers it.
    async fn told(&self, to: &str, count: usize) -> smtp::Arrived {
        eventually(&format!("mail {count} to {to}"), async || {
            let all = self.all_told(to);
            all.get(count - 1).cloned().ok_or_else(|| format!("{} so far", all.len()))
        })
        .await
    }

    /// Another server looks after what waits, now.
    async fn look(&self) {
        self.replica().await.keep_notices(self.place.desk.founder.tenant).await.unwrap();
    }

    /// Lets nothing wait for its next try.
    async fn hasten(&mut self) {
        self.place.sql("update webhook_due set next_ms = 1; update webhook_lane set free_ms = 0").await;
    }

    fn page(&self, path: &str) -> String {
        let page = ask(&self.place.server, "GET", path, &[("Accept", "text/html"), ("Cookie", &self.ada)], "");
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        page.body
    }

    /// The use cases over this server's database, as another replica has them, which may reach private addresses too.
    async fn replica(&self) -> Service {
        let mut settings = self.place.server.settings();
        settings.webhooks_allow_private = true;
        let databases = &self.place.desk.databases;
        let identity = compose::identity(&settings, databases).await.unwrap();
        let (bus, _) = compose::bus(&settings, identity);
        let connect = countersign_domain::reading::Connect {
            console_url: self.place.server.addresses.console.clone(),
            bus_url: self.place.server.addresses.bus.clone(),
        };
        compose::service(&settings, databases, bus, connect).unwrap()
    }

    /// Waits until the database says so.
    async fn until(&mut self, what: &str, sql: &'static str) {
        let owner = &mut self.place.owner;
        eventually(what, async || {
            let (so,): (Option<bool>,) = sqlx::query_as(sql).fetch_one(&mut *owner).await.unwrap();
            if so == Some(true) { Ok(()) } else { Err("not yet".to_owned()) }
        })
        .await;
    }
}

/// Sends what is due, as a server does.
async fn send_all(replica: &Service) {
    while let Some(due) = replica.next_webhook().await.unwrap() {
        replica.send_webhook(due).await.unwrap();
    }
}

fn rand_of(text: &str) -> u64 {
    text.bytes().fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

/// The check that docs/notifications.md describes, by another library than the server's.
fn is_signed(arrived: &Arrived, secret: &str) -> bool {
    let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
    let text = [
        arrived.header("webhook-id").as_bytes(),
        b".",
        arrived.header("webhook-timestamp").as_bytes(),
        b".",
        &arrived.body,
    ]
    .concat();
    let age = now().0 / 1000 - arrived.header("webhook-timestamp").parse::<i64>().unwrap();
    assert!(age.abs() < 300, "{age} s old");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    arrived.header("webhook-signature").split(' ').any(|signature| {
        let signature = BASE64.decode(signature.strip_prefix("v1,").unwrap().as_bytes()).unwrap();
        hmac::verify(&key, &text, &signature).is_ok()
    })
}

#[tokio::test]
async fn a_brief_is_mailed_with_its_hash_and_a_link_that_decides_nothing_however_often_it_is_opened() {
    let mut stage = Stage::start().await;
    stage.prefer("now", &[]);
    let ceo = stage.place.author("ceo").await;
    let row = stage.brief(&ceo, "q", 48).await;
    // Nobody knows yet whether the address is the founder's.
    stage.until("the brief is known to wait", "select exists (select from notice)").await;
    assert!(stage.page("/t/acme/settings/notifications").contains("not-confirmed"));
    stage.confirm().await;
    stage.look().await;
    let mail = stage.told("ada@example.com", 1).await;
    let link = format!("{}/t/acme/d/{}", stage.place.server.addresses.console, row.id);
    for part in ["A brief waits", "Deployment q", row.sha256.as_str(), "Due ", link.as_str()] {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
    }
    assert!(mail.head.contains("Subject: Acme: a brief waits"), "{}", mail.head);
    assert!(!mail.text.contains("settings/security") && mail.text.contains("/settings/notifications"), "{}", mail.text);

    let path = format!("/t/acme/d/{}", row.id);
    let journal = "select count(*) from journal";
    let before = (stage.place.number(journal).await, stage.place.brief(&row.id).await);
    for _ in 0..50 {
        let stranger = ask(&stage.place.server, "GET", &path, &[("Accept", "text/html")], "");
        assert!(stranger.status == 302 && stranger.head.contains("location: /sign-in"), "{}", stranger.head);
        assert!(stage.page(&path).contains("Deployment q"));
    }
    let short = format!("/d/{}", row.id);
    let led = ask(&stage.place.server, "GET", &short, &[("Cookie", stage.ada.as_str())], "");
    assert!(led.status == 303 && led.head.contains(&format!("location: /t/acme{short}")), "{}", led.head);
    let stranger = ask(&stage.place.server, "GET", &short, &[], "");
    assert!(stranger.status == 303 && stranger.head.contains("location: /sign-in?next="), "{}", stranger.head);
    let none = "/d/0190f0f0-0000-7000-8000-000000000000";
    assert_eq!(ask(&stage.place.server, "GET", none, &[("Cookie", stage.ada.as_str())], "").status, 404);
    let after = (stage.place.number(journal).await, stage.place.brief(&row.id).await);
    assert_eq!((after.0, after.1.row.state, after.1.strip.len()), (before.0, BriefState::Open, before.1.strip.len()));
    assert_eq!(stage.place.number("select count(*) from decision").await, 0);
    assert_eq!(stage.place.number("select count(*) from notice_told").await, 1, "told once");
    assert_eq!(stage.all_told("ada@example.com").len(), 1);
    // The outbox says that it was sent, and shows nobody its text.
    assert!(stage.page("/t/acme/settings/mail").contains("Acme: a brief waits"));
}

#[tokio::test]
async fn any_number_of_replicas_tell_a_person_once_and_have_each_delivery_once() {
    let mut stage = Stage::start().await;
    let receiver = Receiver::start();
    stage.make(&receiver.url(), "signed");
    stage.confirm().await;
    stage.prefer("now", &[]);
    let ceo = stage.place.author("ceo").await;
    let replica = stage.replica().await;
    let tenant = stage.place.desk.founder.tenant;
    for name in ["a", "b", "c", "d", "e"] {
        stage.brief(&ceo, name, 48).await;
        for kept in join_all((0..6).map(|_| replica.keep_notices(tenant))).await {
            kept.unwrap();
        }
        join_all((0..6).map(|_| send_all(&replica))).await;
    }
    stage
        .until(
            "all were taken",
            "select count(*) filter (where taken_ms is null) = 0 and count(*) = 5 from webhook_delivery",
        )
        .await;
    // What came within the minute waits for its end.
    stage.place.sql("update notice_person set mailed_ms = mailed_ms - 120000").await;
    for kept in join_all((0..6).map(|_| replica.keep_notices(tenant))).await {
        kept.unwrap();
    }
    stage.until("all were told", "select count(*) = 5 from notice_told where step = 'mail'").await;
    stage.until("all mails left", "select count(*) filter (where sent_ms is null) = 0 from mail").await;
    let mut ids: Vec<String> = receiver.arrived().iter().map(|one| one.header("webhook-id").to_owned()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), receiver.arrived().len()), (5, 5));
    let words: String = stage.all_told("ada@example.com").into_iter().map(|mail| mail.text).collect();
    for name in ["a", "b", "c", "d", "e"] {
        assert_eq!(words.matches(&format!("Deployment {name}\u{201d}")).count(), 1, "{words}");
    }
}

#[tokio::test]
async fn nothing_is_mailed_in_quiet_hours_and_what_was_held_comes_after_them() {
    let mut stage = Stage::start().await;
    stage.confirm().await;
    let minute = (now().0 / 60_000).rem_euclid(1440);
    let clock = |minute: i64| format!("{:02}:{:02}", minute.rem_euclid(1440) / 60, minute.rem_euclid(1440) % 60);
    let (from, to, digest) = (clock(minute - 120), clock(minute + 120), clock(minute + 720));
    stage.prefer("now", &[("quiet_from", &from), ("quiet_to", &to), ("digest", &digest), ("breaks_quiet", "true")]);
    let ceo = stage.place.author("ceo").await;
    stage.brief(&ceo, "calm", 48).await;
    stage.until("the brief is known to wait", "select exists (select from notice)").await;
    let replica = stage.replica().await;
    replica.keep_notices(stage.place.desk.founder.tenant).await.unwrap();
    assert_eq!(stage.place.number("select count(*) from notice_told").await, 0);
    // What is due within the hour breaks them, for whoever said so.
    stage.brief(&ceo, "near", 1).await;
    let near = stage.told("ada@example.com", 1).await;
    assert!(near.text.contains("Deployment near") && !near.text.contains("Deployment calm"), "{}", near.text);
    stage.place.sql("update notice_person set mailed_ms = mailed_ms - 120000").await;
    stage.prefer("now", &[("digest", &digest)]);
    stage.look().await;
    let calm = stage.told("ada@example.com", 2).await;
    assert!(calm.text.contains("Deployment calm") && !calm.text.contains("Deployment near"), "{}", calm.text);
}

#[tokio::test]
async fn the_mail_of_the_day_lists_what_waits_once_and_what_was_decided_is_not_in_it() {
    let mut stage = Stage::start().await;
    stage.confirm().await;
    let ceo = stage.place.author("ceo").await;
    let minute = (now().0 / 60_000 - 1).rem_euclid(1440);
    let digest = format!("{:02}:{:02}", minute / 60, minute % 60);
    stage.prefer("none", &[]);
    let gone = stage.brief(&ceo, "gone", 48).await;
    stage.brief(&ceo, "one", 48).await;
    stage.brief(&ceo, "two", 20).await;
    stage
        .until(
            "all are known to wait",
            "select count(*) = 3 from notice where settled_ms is null and kind like 'brief%'",
        )
        .await;
    stage.place.decide(&gone, "A").await.unwrap();
    stage.place.made(&gone.id).await;
    // As if they had waited since yesterday.
    stage.place.sql("update notice set at_ms = at_ms - 86400000").await;
    stage.prefer("digest", &[("digest", &digest)]);
    stage.place.sql("update notice_person set since_ms = since_ms - 86400000").await;
    stage.look().await;
    let mail = stage.told("ada@example.com", 1).await;
    assert!(mail.text.contains("Deployment one") && mail.text.contains("Deployment two"), "{}", mail.text);
    assert!(!mail.text.contains("Deployment gone"), "{}", mail.text);
    let replica = stage.replica().await;
    for _ in 0..3 {
        replica.keep_notices(stage.place.desk.founder.tenant).await.unwrap();
    }
    stage.until("nothing else is to be mailed", "select count(*) = 1 from mail where kind = 'digest'").await;
    assert_eq!(stage.place.number("select count(*) from mail where kind in ('notice', 'digest')").await, 1);
}

#[tokio::test]
async fn what_is_urgent_and_untouched_is_told_again_and_then_to_every_founder() {
    let mut stage = Stage::start().await;
    let ceo = stage.place.author("ceo").await;
    stage.place.member(11, "Grace", Role::Founder).await;
    stage.place.member(12, "Bob", Role::Observer).await;
    stage.confirm().await;
    stage.prefer("digest", &[("raise_after", "5"), ("founders", "true")]);
    // Grace wants the mail of the day too, and asked for no more.
    let of_grace = format!(
        "insert into notice_person (tenant_id, person_id, prefs, since_ms)
         select tenant_id, '{}', jsonb_set(prefs, '{{raising}}', 'null'), since_ms from notice_person",
        uuid::Uuid::from_u128(11)
    );
    stage.place.sql(&of_grace).await;
    stage.brief(&ceo, "near", 3).await;
    stage.until("it is known to wait", "select exists (select from notice where kind = 'brief_due')").await;
    let tenant = stage.place.desk.founder.tenant;
    let replica = stage.replica().await;
    replica.keep_notices(tenant).await.unwrap();
    assert_eq!(stage.place.number("select count(*) from notice_told where step = 'raised'").await, 0);
    stage.place.sql("update notice set at_ms = at_ms - 300000 where kind = 'brief_due'").await;
    replica.keep_notices(tenant).await.unwrap();
    let raised = stage.told("ada@example.com", 1).await;
    assert!(raised.text.contains("nobody has touched it yet") && raised.text.contains("Deployment near"));
    assert_eq!(stage.mail.mails().iter().filter(|mail| mail.to == "grace@example.com").count(), 0);
    stage.place.sql("update notice_told set at_ms = at_ms - 300000").await;
    replica.keep_notices(tenant).await.unwrap();
    let told = stage.told("grace@example.com", 1).await;
    assert!(told.text.contains("Deployment near"), "{}", told.text);
    assert!(stage.mail.mails().iter().all(|mail| mail.to != "bob@example.com"), "an observer asked for nothing");
}

#[tokio::test]
async fn a_webhook_is_signed_its_secret_is_changed_and_both_count_for_a_day() {
    let mut stage = Stage::start().await;
    let receiver = Receiver::start();
    let secret = stage.make(&receiver.url(), "signed");
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    let ceo = stage.place.author("ceo").await;
    let row = stage.brief(&ceo, "q", 48).await;
    let first = receiver.request(1).await;
    assert!(is_signed(&first, &secret) && !is_signed(&first, "whsec_AAAA"));
    assert_eq!((first.path.as_str(), first.header("content-type")), ("/hook?token=s3cret", "application/json"));
    let body = first.json();
    assert_eq!(body["type"], "brief.opened");
    let data = &body["data"];
    assert_eq!(
        (&data["sha256"], &data["tenant"], &data["title"]),
        (&json!(row.sha256), &json!("acme"), &json!("Deployment q"))
    );
    let link = format!("{}/t/acme/d/{}", stage.place.server.addresses.console, row.id);
    assert_eq!(data["url"], json!(link));

    let id = stage.webhook_id().await;
    let rotated: String = serde_json::from_str(&stage.post("/api/webhook/rotate", &format!("id={id}")).body).unwrap();
    assert_eq!(stage.post("/api/webhook/test", &format!("id={id}")).status, 200);
    let second = receiver.request(2).await;
    assert!(is_signed(&second, &secret) && is_signed(&second, &rotated) && secret != rotated);
    assert_eq!(second.json()["type"], "webhook.test");
    stage.place.sql("update webhook set old_until_ms = 1").await;
    stage.post("/api/webhook/test", &format!("id={id}"));
    let third = receiver.request(3).await;
    assert!(!is_signed(&third, &secret) && is_signed(&third, &rotated));

    // What is kept, shown and logged has neither the secret nor the whole address.
    let page = stage.page(&format!("/t/acme/settings/webhooks/{id}"));
    assert!(page.contains("brief.opened") && page.contains("answered 204"), "{page}");
    let log = stage.place.server.log();
    let kept = format!("{:?}", harness::dump::dump(&mut stage.place.owner).await);
    for hidden in [secret.as_str(), rotated.as_str(), "s3cret"] {
        assert!(!page.contains(hidden) && !log.contains(hidden) && !kept.contains(hidden), "{hidden}");
    }
    let acts = stage.place.entries("webhook.rotated").await;
    assert_eq!((acts.len(), &acts[0]["host"]), (1, &json!(receiver.address.to_string())));
}

#[tokio::test]
async fn a_receiver_that_was_down_gets_it_later_under_the_same_id_and_again_when_a_founder_says_so() {
    let mut stage = Stage::start().await;
    let address = Receiver::reserved();
    let secret = stage.make(&format!("http://{address}/hook"), "signed");
    let ceo = stage.place.author("ceo").await;
    stage.brief(&ceo, "q", 48).await;
    stage
        .until(
            "it was tried in vain",
            "select coalesce(max(tries), 0) >= 1 and max(why) is not null from webhook_delivery",
        )
        .await;
    let waiting = stage.text("select id::text from webhook_delivery").await;
    let replay = |stage: &Stage, id: &str| stage.post("/api/webhook/replay", &format!("id={id}"));
    assert_eq!(replay(&stage, &waiting).status, 409, "it waits still");
    let receiver = Receiver::start_at(address);
    receiver.answer(&[receiver::Answer::Status(503), receiver::Answer::Redirect("http://127.0.0.1:1/".into())]);
    let first = receiver.request(1).await;
    // The sooner, so that no test waits for what a unit test counts.
    stage.until("it was refused", "select bool_and(status = 503) from webhook_delivery").await;
    stage.hasten().await;
    receiver.request(2).await;
    stage.until("it was led elsewhere", "select bool_and(why like '%redirect%') from webhook_delivery").await;
    stage.hasten().await;
    let third = receiver.request(3).await;
    stage
        .until(
            "it was taken",
            "select bool_and(taken_ms is not null and tries >= 4 and status = 204) from webhook_delivery",
        )
        .await;
    for arrived in [&first, &third] {
        assert_eq!(arrived.header("webhook-id"), waiting);
        assert_eq!(arrived.body, first.body);
        assert!(is_signed(arrived, &secret));
    }
    let replayed = replay(&stage, &waiting);
    assert_eq!(replayed.status, 200, "{}", replayed.body);
    let again = receiver.request(4).await;
    assert_eq!((again.header("webhook-id"), &again.body), (waiting.as_str(), &first.body));
    let acts = stage.place.entries("webhook.replayed").await;
    assert_eq!(acts[0]["by"], json!(stage.place.desk.founder.person.to_string()));
}

#[tokio::test]
async fn what_was_on_its_way_when_the_server_was_killed_is_sent_after_it_came_back() {
    let mut stage = Stage::start().await;
    let receiver = Receiver::start();
    receiver.answer(&[receiver::Answer::Silence]);
    stage.make(&receiver.url(), "signed");
    let ceo = stage.place.author("ceo").await;
    stage.brief(&ceo, "q", 48).await;
    let first = receiver.request(1).await;
    stage.place.server.kill();
    stage.place.server.start_again();
    let second = receiver.request(2).await;
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(first.body, second.body);
    stage.place.owner = PgConnection::connect_with(&stage.place.server.owner()).await.unwrap();
    stage.until("it was taken", "select bool_and(taken_ms is not null) from webhook_delivery").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(receiver.arrived().len(), 2, "what was taken is not sent again");
}

#[tokio::test]
async fn no_webhook_reads_with_the_servers_eyes() {
    let mut stage = Stage::start_with(&[]).await;
    let receiver = Receiver::start();
    for url in [
        receiver.url().as_str(),
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://192.168.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://user@example.com/",
        "http://example.com/",
        "gopher://example.com/",
        "javascript:alert(1)",
        "",
    ] {
        let refused = stage.try_make(url, "signed");
        assert_eq!(refused.status, 422, "{url}: {}", refused.body);
    }
    // What a name stands for is found out when it is sent.
    stage.make(&format!("https://localhost:{}/", receiver.address.port()), "chat");
    let id = stage.webhook_id().await;
    stage.post("/api/webhook/test", &format!("id={id}"));
    stage
        .until("it was given up", "select bool_and(given_up_ms is not null and tries = 1) from webhook_delivery")
        .await;
    let why = stage.text("select why from webhook_delivery").await;
    assert!(why.contains("does not send") && receiver.arrived().is_empty(), "{why}");
}

#[tokio::test]
async fn a_chat_program_gets_words_in_which_an_agent_can_call_nobody_and_whoever_is_gone_is_sent_nothing_more() {
    let mut stage = Stage::start().await;
    stage.confirm().await;
    let receiver = Receiver::start();
    assert_eq!(stage.make(&receiver.url(), "chat"), "");
    let ceo = stage.place.author("ceo").await;
    let mut payload = ceo.payload("q");
    payload["title"] = json!("@channel & [all] of https://evil.example");
    stage.place.open(&ceo, &payload).await;
    let arrived = receiver.request(1).await;
    let body: Value = arrived.json();
    let text = body["text"].as_str().unwrap();
    assert!(text.starts_with("A brief waits in Acme (") && !text.contains("evil") && !text.contains('@'), "{text}");
    assert_eq!(body["blocks"][1]["text"]["type"], "plain_text");
    assert!(arrived.headers.iter().all(|(name, _)| name != "webhook-signature"));

    receiver.answer(&[receiver::Answer::Status(410)]);
    let id = stage.webhook_id().await;
    stage.post("/api/webhook/test", &format!("id={id}"));
    stage.until("it is off", "select bool_and(off_ms is not null) from webhook").await;
    let mail = stage.told("ada@example.com", 1).await;
    assert!(mail.text.contains("A webhook was switched off") && mail.text.contains("Pager"), "{}", mail.text);
    assert_eq!(stage.place.entries("webhook.switched_off").await.len(), 1);
    assert_eq!(stage.post("/api/webhook/test", &format!("id={id}")).status, 404);
    stage.brief(&ceo, "later", 48).await;
    assert_eq!(stage.post("/api/webhook/switch", &format!("id={id}&on=true")).status, 200);
    assert_eq!(stage.post("/api/webhook/test", &format!("id={id}")).status, 200);
    assert!(receiver.request(3).await.json()["text"].as_str().unwrap().contains("Nothing waits"));
}

#[tokio::test]
async fn nothing_taken_for_a_day_switches_a_webhook_off() {
    let mut stage = Stage::start().await;
    let address = Receiver::reserved();
    stage.make(&format!("http://{address}/"), "signed");
    let id = stage.webhook_id().await;
    stage.post("/api/webhook/test", &format!("id={id}"));
    stage.until("it was tried", "select bool_and(why is not null) from webhook_delivery").await;
    // A day later.
    stage.place.sql("update webhook set failing_ms = failing_ms - 90000000").await;
    stage.place.sql("update webhook_delivery set until_ms = 1").await;
    stage.hasten().await;
    stage.until("it is off", "select bool_and(off_why = 'Nothing was taken for a day.') from webhook").await;
    stage.until("nothing is due", "select count(*) = 0 from webhook_due").await;
    let entry = &stage.place.entries("webhook.switched_off").await[0];
    assert!(entry.get("by").is_none(), "no person did it: {entry}");
}

#[tokio::test]
async fn a_test_is_mailed_once_a_minute_to_a_confirmed_address_in_quiet_hours_too() {
    let mut stage = Stage::start().await;
    assert_eq!(stage.post("/api/notice/test", "").status, 409, "nobody knows whose address it is");
    stage.confirm().await;
    assert_eq!(stage.post("/api/notice/test", "").status, 200);
    assert_eq!(stage.post("/api/notice/test", "").status, 409);
    let mail = stage.told("ada@example.com", 1).await;
    assert!(mail.head.contains("Subject: Acme: a test"), "{}", mail.head);
    // What somebody entered comes back with what is wrong with it.
    let form = "act=%2Fapi%2Fnotice%2Fsave&tenant=acme&brief_opened=none&offset=CET&digest=08%3A00";
    let headers = [FORM, ("Accept", "text/html"), ("Cookie", stage.ada.as_str())];
    let page = ask(&stage.place.server, "POST", "/t/acme/settings/notifications", &headers, form);
    assert_eq!(page.status, 422);
    assert!(page.body.contains("CET"), "{}", page.body);
}

#[tokio::test]
async fn the_example_in_python_believes_what_is_signed_and_nothing_else() {
    let stage = Stage::start().await;
    let address = Receiver::reserved();
    let secret = stage.make(&format!("http://{address}/hook"), "signed");
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/verify_webhook.py");
    let mut python = std::process::Command::new("python3")
        .args([example, &address.port().to_string()])
        .env("WEBHOOK_SECRET", &secret)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let ceo = stage.place.author("ceo").await;
    stage.brief(&ceo, "q", 48).await;
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(python.stdout.take().unwrap()), &mut line).unwrap();
    assert!(line.starts_with("brief.opened Deployment q http://"), "{line}");
    let headers = [
        ("webhook-id", "a".to_owned()),
        ("webhook-timestamp", (now().0 / 1000).to_string()),
        ("webhook-signature", "v1,AAAA".to_owned()),
    ];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let forged = harness::web::ask(&format!("http://{address}"), "POST", "/hook", &headers, "{}").await;
    assert_eq!(forged.status, 401);
    python.kill().unwrap();
    python.wait().unwrap();
}
