//! Who waits for whom, and what is told once: slow receivers, noisy agents, late answers, and people who left.

use super::*;
use countersign_service::ports::DueDelivery;

impl Stage {
    /// Takes what is due before the server does.
    async fn take(&mut self, replica: &Service, id: &str) -> DueDelivery {
        for _ in 0..20 {
            assert_eq!(self.post("/api/webhook/test", &format!("id={id}")).status, 200);
            if let Some(due) = replica.next_webhook().await.unwrap() {
                return due;
            }
            self.place.sql("update webhook_lane set busy_ms = 0, free_ms = 0").await;
        }
        panic!("the server is always first");
    }

    async fn settle(&self, replica: &Service) {
        replica.keep_notices(self.place.desk.founder.tenant).await.unwrap();
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_gets_one_request_at_a_time_and_delays_no_other() {
    let stage = Stage::start().await;
    let (slow, quick) = (Receiver::start(), Receiver::start());
    slow.answer(&[(); 50].map(|()| receiver::Answer::Silence));
    stage.make(&slow.url(), "signed");
    stage.make(&quick.url(), "signed");
    let ceo = stage.place.author("ceo").await;
    for (count, name) in [(1, "a"), (2, "b"), (3, "c"), (4, "d")] {
        stage.brief(&ceo, name, 48).await;
        quick.request(count).await;
    }
    let times = slow.arrived().len();
    assert!((1..=4).contains(&times), "{times} requests, of which each lasts as long as there is patience");
}

#[tokio::test]
async fn while_one_delivery_is_on_its_way_nobody_gets_another_one_of_the_same_webhook() {
    let mut stage = Stage::start().await;
    let receiver = Receiver::start();
    stage.make(&receiver.url(), "signed");
    let id = stage.webhook_id().await;
    let replica = stage.replica().await;
    let due = stage.take(&replica, &id).await;
    for _ in 0..5 {
        stage.post("/api/webhook/test", &format!("id={id}"));
    }
    for taken in join_all((0..8).map(|_| replica.next_webhook())).await {
        assert!(taken.unwrap().is_none());
    }
    replica.send_webhook(due).await.unwrap();
    stage.until("all were taken", "select bool_and(taken_ms is not null) from webhook_delivery").await;
    let count = stage.place.number("select count(*) from webhook_delivery").await;
    assert_eq!(i64::try_from(receiver.arrived().len()).unwrap(), count);
}

#[tokio::test]
async fn what_came_of_a_try_late_does_not_undo_what_came_of_a_newer_one() {
    let mut stage = Stage::start().await;
    let address = Receiver::reserved();
    stage.make(&format!("http://{address}/"), "signed");
    let id = stage.webhook_id().await;
    let replica = stage.replica().await;
    let due = stage.take(&replica, &id).await;
    // Another server took it over meanwhile, and had it taken.
    stage
        .place
        .sql(&format!(
            "update webhook_delivery set tries = tries + 1, status = 200, taken_ms = 5, why = null where id = '{}'",
            due.id
        ))
        .await;
    let counted =
        format!("select count(*) from webhook_delivery where id = '{}' and taken_ms = 5 and status = 200", due.id);
    replica.send_webhook(due.clone()).await.expect("it is no mistake to be late");
    assert_eq!(stage.place.number(&counted).await, 1);
    // One that is under way again counts for itself.
    stage.place.sql(&format!("update webhook_delivery set taken_ms = null where id = '{}'", due.id)).await;
    replica.send_webhook(due).await.unwrap();
    assert_eq!(stage.place.number(&counted.replace("taken_ms = 5", "taken_ms is null")).await, 1);
}

#[tokio::test]
async fn whoever_takes_something_again_gets_all_that_waited_at_once() {
    let mut stage = Stage::start().await;
    let receiver = Receiver::start();
    receiver.answer(&[receiver::Answer::Status(503)]);
    stage.make(&receiver.url(), "signed");
    let id = stage.webhook_id().await;
    stage.post("/api/webhook/test", &format!("id={id}"));
    stage.until("it was refused", "select bool_and(status = 503) from webhook_delivery").await;
    stage.place.sql("update webhook_due set next_ms = next_ms + 36000000").await;
    stage.place.sql("update webhook_lane set free_ms = 0").await;
    stage.post("/api/webhook/test", &format!("id={id}"));
    stage
        .until(
            "both were taken",
            "select bool_and(taken_ms is not null and status = 204) and count(*) = 2 from webhook_delivery",
        )
        .await;
    assert_eq!(stage.place.number("select count(*) from webhook_lane where fails <> 0 or free_ms <> 0").await, 0);
}

#[tokio::test]
async fn many_outcomes_of_one_webhook_at_the_same_moment_are_all_kept() {
    let mut stage = Stage::start().await;
    let address = Receiver::reserved();
    stage.make(&format!("http://{address}/"), "signed");
    let id = stage.webhook_id().await;
    let replica = stage.replica().await;
    let mut under_way = Vec::new();
    for _ in 0..6 {
        under_way.push(stage.take(&replica, &id).await);
        // As if the one before had taken longer than anybody waits for it.
        stage.place.sql("update webhook_lane set busy_ms = 0, free_ms = 0").await;
    }
    let ids: Vec<String> = under_way.iter().map(|due| format!("'{}'", due.id)).collect();
    for noted in join_all(under_way.into_iter().map(|due| replica.send_webhook(due))).await {
        noted.unwrap();
    }
    let kept = format!("select count(*) from webhook_delivery where id in ({}) and why is not null", ids.join(", "));
    assert_eq!(stage.place.number(&kept).await, 6);
}

#[tokio::test]
async fn a_long_answer_that_takes_something_takes_it() {
    let mut stage = Stage::start().await;
    let receiver = Receiver::start();
    receiver.answer(&[receiver::Answer::Endless]);
    stage.make(&receiver.url(), "signed");
    let id = stage.webhook_id().await;
    stage.post("/api/webhook/test", &format!("id={id}"));
    stage
        .until(
            "it was taken",
            "select bool_and(taken_ms is not null and status = 200 and tries = 1) from webhook_delivery",
        )
        .await;
}

#[tokio::test]
async fn a_brief_whose_decision_is_taken_back_is_not_told_again() {
    let mut stage = Stage::start().await;
    let receiver = Receiver::start();
    stage.make(&receiver.url(), "signed");
    stage.confirm().await;
    stage.prefer("now", &[]);
    let ceo = stage.place.author("ceo").await;
    let row = stage.brief(&ceo, "q", 48).await;
    stage.told("ada@example.com", 1).await;
    receiver.request(1).await;
    let replica = stage.replica().await;
    for option in ["A", "B"] {
        let held = stage.place.decide(&row, option).await.unwrap();
        stage.settle(&replica).await;
        assert_eq!(
            stage.place.number("select count(*) from notice where settled_ms is null and kind like 'brief%'").await,
            0
        );
        let service = &stage.place.desk.service;
        service.undo_decision(&stage.place.desk.founder, held.decision.parse().unwrap()).await.unwrap();
        for kept in join_all((0..4).map(|_| replica.keep_notices(stage.place.desk.founder.tenant))).await {
            kept.unwrap();
        }
        assert_eq!(
            stage.place.number("select count(*) from notice where settled_ms is null and kind like 'brief%'").await,
            1
        );
    }
    stage.place.sql("update notice_person set mailed_ms = mailed_ms - 120000").await;
    stage.settle(&replica).await;
    let counts = "select (select count(*) from notice where kind like 'brief%') * 100
                       + (select count(*) from webhook_delivery) * 10
                       + (select count(*) from mail where kind = 'notice')";
    assert_eq!(stage.place.number(counts).await, 111, "one notice, one delivery, one mail");
}

#[tokio::test]
async fn an_agent_that_asks_anew_again_and_again_has_one_mail_a_minute_sent_and_so_many_deliveries_an_hour() {
    let mut stage = Stage::start().await;
    let receiver = Receiver::start();
    stage.make(&receiver.url(), "signed");
    stage.confirm().await;
    stage.prefer("now", &[("breaks_quiet", "true")]);
    let ceo = stage.place.author("ceo").await;
    let mut payload = ceo.payload("q");
    payload["deadline"] = json!(place::in_hours(1));
    let replica = stage.replica().await;
    stage.place.open(&ceo, &payload).await;
    stage.told("ada@example.com", 1).await;
    for version in ["second", "third"] {
        payload["title"] = json!(format!("The {version} one"));
        stage.place.open(&ceo, &payload).await;
        stage.settle(&replica).await;
    }
    assert_eq!(stage.place.number("select count(*) from mail where kind = 'notice'").await, 1);
    stage.place.sql("update notice_person set mailed_ms = mailed_ms - 60000").await;
    stage.settle(&replica).await;
    let second = stage.told("ada@example.com", 2).await;
    assert!(second.text.contains("The third one") && !second.text.contains("The second one"), "{}", second.text);
    // After many within the hour a minute is not enough.
    payload["title"] = json!("The fourth one");
    stage.place.sql("update notice_person set hour_mails = 10, mailed_ms = mailed_ms - 60000").await;
    stage.place.open(&ceo, &payload).await;
    stage.settle(&replica).await;
    assert_eq!(stage.place.number("select count(*) from mail where kind = 'notice'").await, 2);
    stage.place.sql("update notice_person set mailed_ms = mailed_ms - 600000").await;
    stage.settle(&replica).await;
    assert!(stage.told("ada@example.com", 3).await.text.contains("The fourth one"));

    stage.until("all were taken", "select bool_and(taken_ms is not null) from webhook_delivery").await;
    let before = receiver.arrived().len();
    stage
        .place
        .sql(
            "insert into webhook_delivery (tenant_id, id, webhook_id, topic, made_ms, until_ms, next_ms, tries, taken_ms)
             select w.tenant_id, gen_random_uuid(), w.id, 'webhook.test', d.made_ms, 1, 1, 1, 1
             from webhook w, (select max(made_ms) as made_ms from webhook_delivery) d, generate_series(1, 120)",
        )
        .await;
    payload["title"] = json!("The fifth one");
    stage.place.open(&ceo, &payload).await;
    stage
        .until(
            "it is listed as not sent",
            "select exists (select from webhook_delivery where why like 'It was not sent%' and given_up_ms is not null)",
        )
        .await;
    assert_eq!(stage.place.number("select count(*) from webhook_due").await, 0);
    assert_eq!(receiver.arrived().len(), before);
}

#[tokio::test]
async fn a_mail_that_waits_for_the_mail_server_does_not_leave_to_whoever_left_or_about_what_settled() {
    let mut stage = Stage::start().await;
    stage.confirm().await;
    stage.prefer("now", &[]);
    let ceo = stage.place.author("ceo").await;
    let replica = stage.replica().await;
    // The mail by which an address is confirmed comes first.
    stage.mail.mail_to("ada@example.com", 1).await;
    let busy = "450 4.2.0 come back later";
    stage.mail.refuse(&[busy]);
    let row = stage.brief(&ceo, "settled", 48).await;
    stage.until("it was refused", "select bool_or(note is not null) from mail where kind = 'notice'").await;
    stage.place.decide(&row, "A").await.unwrap();
    stage.settle(&replica).await;
    stage.place.sql("update mail set next_ms = 0 where kind = 'notice'").await;
    stage
        .until(
            "nothing in it waits",
            "select bool_and(note like 'Nothing in it waits%' and given_up_ms is not null and sealed is null)
             from mail where kind = 'notice'",
        )
        .await;
    assert_eq!(stage.place.number("select count(*) from notice_told").await, 0, "nobody was told");

    stage.place.member(11, "Grace", Role::Founder).await;
    stage.confirm().await;
    stage.prefer("none", &[]);
    stage.mail.refuse(&[busy]);
    stage.brief(&ceo, "left", 20).await;
    stage
        .until("it was refused", "select bool_or(note is not null) from mail where recipient = 'grace@example.com'")
        .await;
    stage.place.sql("update person set email = 'mallory@example.com' where name = 'Grace'").await;
    stage.place.sql("delete from membership where person_id = (select id from person where name = 'Grace')").await;
    stage.place.sql("update mail set next_ms = 0 where recipient = 'grace@example.com'").await;
    stage
        .until(
            "it is for nobody",
            "select bool_and(given_up_ms is not null) from mail where recipient = 'grace@example.com'",
        )
        .await;
    for to in ["ada@example.com", "grace@example.com", "mallory@example.com"] {
        assert!(stage.all_told(to).is_empty(), "{to}");
    }
}

#[tokio::test]
async fn what_no_mail_server_took_within_the_hour_is_told_anew() {
    let mut stage = Stage::start().await;
    stage.confirm().await;
    stage.prefer("now", &[]);
    let ceo = stage.place.author("ceo").await;
    let replica = stage.replica().await;
    stage.mail.mail_to("ada@example.com", 1).await;
    stage.mail.refuse(&["450 4.2.0 come back later"]);
    stage.brief(&ceo, "q", 48).await;
    stage.until("it was refused", "select bool_or(note is not null) from mail where kind = 'notice'").await;
    assert_eq!(
        stage.place.number("select count(*) from mail where kind = 'notice' and expires_ms - made_ms <= 3600000").await,
        1
    );
    // An hour later.
    stage.place.sql("update notice_person set mailed_ms = mailed_ms - 3600000").await;
    stage.place.sql("update mail set expires_ms = 1, given_up_ms = 2, sealed = null where kind = 'notice'").await;
    stage.settle(&replica).await;
    assert!(stage.told("ada@example.com", 1).await.text.contains("Deployment q"));
}

#[tokio::test]
async fn a_brief_that_becomes_due_is_in_the_mail_of_the_next_day_and_not_in_one_of_its_own() {
    let mut stage = Stage::start().await;
    let ceo = stage.place.author("ceo").await;
    let mut payload = ceo.payload("near");
    payload["deadline"] = json!(countersign_domain::Millis(now().0 + 86_400_000 + 15_000).to_rfc3339());
    stage.place.open(&ceo, &payload).await;
    let replica = stage.replica().await;
    let (tenant, owner) = (stage.place.desk.founder.tenant, &mut stage.place.owner);
    eventually("it is due within a day", async || {
        replica.keep_notices(tenant).await.unwrap();
        let row: Option<(i64, i64)> =
            sqlx::query_as("select at_ms, due_ms from notice where kind = 'brief_due' and settled_ms is null")
                .fetch_optional(&mut *owner)
                .await
                .unwrap();
        let (at, due) = row.ok_or_else(|| "not yet".to_owned())?;
        assert_eq!(at, due - 86_400_000, "since when it is due, not since when it waits");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_short_address_of_a_brief_leaves_no_trace_of_who_followed_it() {
    let mut stage = Stage::start().await;
    let ceo = stage.place.author("ceo").await;
    let row = stage.brief(&ceo, "q", 48).await;
    stage.place.sql("update membership set seen_ms = 5").await;
    let led = ask(&stage.place.server, "GET", &format!("/d/{}", row.id), &[("Cookie", stage.ada.as_str())], "");
    assert_eq!(led.status, 303, "{}", led.head);
    assert_eq!(stage.place.number("select max(seen_ms) from membership").await, 5);
}
