//! What ends with an approval, and how fast; and what goes on while it stands.

use crate::{
    harness::{
        ask::{Answer, FORM, ask},
        eventually, stock, web,
    },
    place::{Place, conflict, hash_of, mission},
};
use countersign_agent::Credentials;
use countersign_domain::review::ReviewState;
use std::time::{Duration, Instant};

/// Whoever is connected with what was revoked is cut off within this.
const AT_ONCE: Duration = Duration::from_secs(1);

impl Place {
    /// A form of the console, sent by the founder, who has just signed in.
    pub async fn form(&self, path: &str, form: &str) -> Answer {
        let cookie = self.desk.cookie().await;
        let headers = [FORM, ("Accept", "application/json"), ("Cookie", cookie.as_str())];
        ask(&self.server, "POST", path, &headers, &format!("tenant=acme&{form}"))
    }

    /// New claims for the key of a credential; the status and the code where there are none.
    pub async fn renew(&self, creds: &str, token: &str) -> Result<String, (u16, String)> {
        let answer = web::post(&self.server.addresses.console, "/agent/credential", Some(token), "{}").await;
        if answer.status != 200 {
            let (status, code) = answer.refusal();
            return Err((status, code.to_owned()));
        }
        let (old, new) = (Credentials::read(creds).unwrap(), answer.json["jwt"].as_str().unwrap());
        Ok(creds.replace(old.jwt(), new))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_cuts_off_whoever_is_connected_within_a_second() {
    let mut place = Place::start().await;
    let text = mission("backend", "Build the API.");
    let review = place.approved(&text).await;
    let issued =
        place.desk.service.issue_credential(&place.desk.proven(), &"backend".parse().unwrap(), 1).await.unwrap();
    let agent = stock::Agent::new(&place.desk.bus_url, "backend".parse().unwrap(), issued.creds.clone());
    agent.queue_stands().await;
    let bystander = place.desk.agent("frontend", "").await.connect().await;

    // While the approval stands, the agent prolongs its own credential, and both its claims work.
    let token = web::token(&place.server.addresses.console, &agent.creds).await;
    let expires = "select expires_ms from credential where agent = 'backend'";
    let before = place.number(expires).await;
    let longer = place.renew(&agent.creds, &token).await.expect("new claims");
    let after = place.number(expires).await;
    assert!(after - before > 22 * 3_600_000, "from an hour to a day: {} ms more", after - before);
    assert_eq!(place.number("select count(*) from journal where kind = 'credential.renewed'").await, 1);
    assert_eq!(place.number("select count(*) from credential where agent = 'backend'").await, 1, "it is the same key");
    let renewed = stock::Agent { creds: longer, ..agent.clone() };
    let clients = [agent.connect().await, renewed.connect().await];
    clients[1].publish("tasks.backend.fix_bug", &[], "{}").await.unwrap();
    let second = place.agent("backend").await;
    let third = second.connect().await;

    let began = Instant::now();
    let answer =
        place.form("/api/review/revoke", &format!("review={review}&sha256={}&reason=A+leak", hash_of(&text))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = Instant::now();
    for client in [&clients[0], &clients[1], &third] {
        client.is_told("disconnected").await;
    }
    println!("revoked in {:?}, all cut off {:?} after it was asked for", told - began, began.elapsed());
    assert!(told.elapsed() < AT_ONCE, "{:?}", told.elapsed());
    for out in [&agent, &renewed, &second] {
        assert!(out.try_connect().await.is_err(), "it must not come back");
    }
    bystander.publish("tasks.frontend.draw", &[], "{}").await.expect("others go on");

    let shown = place.review(review).await;
    assert_eq!((shown.row.state, shown.live_credentials), (ReviewState::Revoked, 0));
    assert_eq!(shown.decisions.len(), 2, "a revocation is another decision");
    assert_eq!(place.number("select count(*) from credential where agent = 'backend' and revoked_ms is null").await, 0);
    assert_eq!(
        place.number("select count(*) from credential where agent = 'frontend' and revoked_ms is null").await,
        1
    );
    // Its token ended with its credential: there is nobody whose credential could be prolonged.
    assert_eq!(place.renew(&agent.creds, &token).await, Err((401, "unproven".to_owned())));
    let refused = conflict(place.issue("backend").await);
    assert!(refused.contains("No role file of backend is approved"), "{refused}");

    // It is said once, and cannot be taken back; the same file can be approved again.
    let again =
        place.form("/api/review/revoke", &format!("review={review}&sha256={}&reason=A+leak", hash_of(&text))).await;
    assert!(again.status == 409 && again.body.contains("revoked already by Ada"), "{} {}", again.status, again.body);
    let anew = place.approved(&text).await;
    assert_ne!(anew, review);
    let back = place.agent("backend").await.connect().await;
    assert!(back.next(Duration::from_secs(5)).await.is_some(), "its queue kept what came");
    assert!(agent.try_connect().await.is_err(), "what was revoked stays out");
}

#[tokio::test]
async fn a_credential_is_not_prolonged_once_its_file_was_replaced() {
    let place = Place::start().await;
    place.approved(&mission("backend", "Build the API.")).await;
    let agent = place.agent("backend").await;
    let token = web::token(&place.server.addresses.console, &agent.creds).await;
    let newer = place.propose(&mission("backend", "Build the API well.")).await;
    place.renew(&agent.creds, &token).await.expect("what is approved goes on while a newer file waits");
    place.desk.approve(newer).await;
    assert_eq!(place.renew(&agent.creds, &token).await, Err((403, "not_approved".to_owned())));
    // It ends by itself, and works until then.
    agent.connect().await.publish("tasks.backend.fix_bug", &[], "{}").await.unwrap();
    let own = place.agent("backend").await;
    let token = web::token(&place.server.addresses.console, &own.creds).await;
    place.renew(&own.creds, &token).await.expect("that of the newer file");
}

#[tokio::test]
async fn a_credential_from_before_there_were_reviews_ends_by_itself() {
    let mut place = Place::start().await;
    let agent = place.desk.agent("backend", "").await;
    let token = web::token(&place.server.addresses.console, &agent.creds).await;
    // As the migration leaves them.
    place.sql("alter table credential disable trigger credential_prolonged").await;
    place.sql("update credential set role_sha256 = null").await;
    place.sql("alter table credential enable trigger credential_prolonged").await;
    assert_eq!(place.renew(&agent.creds, &token).await, Err((403, "not_approved".to_owned())));
    agent.connect().await.publish("tasks.backend.fix_bug", &[], "{}").await.unwrap();
    eventually("the task in the record", async || {
        let count = place.desk.tasks(countersign_domain::reading::TaskQuery::default()).await.count;
        if count == 1 { Ok(()) } else { Err(count.to_string()) }
    })
    .await;
}

/// A revocation is dated before it stands in line, and two machines have two clocks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_that_are_dated_after_their_revocation_do_not_count_either() {
    let mut place = Place::start().await;
    place.approved(&mission("backend", "Build the API.")).await;
    let agent = place.agent("backend").await;
    let client = agent.connect().await;
    place.sql("update credential set revoked_ms = issued_ms - 60000 where agent = 'backend'").await;
    client.is_told("disconnected").await;
    assert!(agent.try_connect().await.is_err(), "it must not come back");
}

/// Each tells the bus the whole list of its moment: a shorter one that arrives last must not open a door again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_revocations_at_the_same_moment_none_takes_another_back() {
    let place = Place::start().await;
    for round in 0..2 {
        let mut agents = Vec::new();
        for number in 0..6 {
            agents.push(place.desk.agent(&format!("worker-{round}-{number}"), "").await);
        }
        let mut forms = Vec::new();
        for agent in &agents {
            let approved = place.desk.agent_detail(agent.name.as_str()).await.approved.expect("its file is approved");
            forms.push(format!("tenant=acme&review={}&sha256={}&reason=It+was+wrong", approved.id, approved.sha256));
        }
        let cookie = place.desk.cookie().await;
        let headers = [FORM, ("Accept", "application/json"), ("Cookie", cookie.as_str())];
        std::thread::scope(|threads| {
            for form in &forms {
                threads.spawn(|| {
                    let answer = ask(&place.server, "POST", "/api/review/revoke", &headers, form);
                    assert_eq!(answer.status, 200, "{}", answer.body);
                });
            }
        });
        for agent in &agents {
            assert!(agent.try_connect().await.is_err(), "{} of round {round} connects", agent.name);
        }
    }
}
