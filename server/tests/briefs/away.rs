//! What silence does while the founders are away, within which caps, and what they read when they are back.

use crate::{
    harness::{
        ask::{FORM, ask},
        eventually, web,
    },
    place::{Author, Place, conflict, now},
};
use countersign_domain::{
    AwayId, Millis,
    autonomy::Cap,
    brief::BriefState,
    reading::{AwayReport, BriefRow, Stand},
};
use countersign_service::{AwayForm, Error};
use serde_json::json;

pub fn form(choices: &[(&str, &str)]) -> AwayForm {
    AwayForm {
        from: None,
        until: Some(Millis(now().0 + 7 * 86_400_000)),
        reason: "Holiday".to_owned(),
        choices: choices.iter().map(|(category, word)| ((*category).to_owned(), (*word).to_owned())).collect(),
        delegate: String::new(),
        most_decisions: 5,
        most_cost: "100".to_owned(),
        most_moved_percent: 10,
    }
}

async fn declare(place: &Place, form: AwayForm) -> AwayId {
    place.desk.service.declare_away(&place.desk.proven(), form).await.unwrap()
}

async fn report(place: &Place, away: AwayId) -> AwayReport {
    place.desk.service.read_away(&place.desk.founder, away).await.unwrap()
}

/// A brief that declares that A, at $40, takes effect.
async fn asked(place: &Place, author: &Author, name: &str) -> BriefRow {
    let mut payload = author.payload(name);
    payload["at_deadline"] = json!("A");
    place.open(author, &payload).await
}

async fn lapsed(place: &mut Place, count: usize) {
    eventually("it is noted that nothing happened", async || {
        let noted = place.entries("brief.lapsed").await.len();
        if noted == count { Ok(()) } else { Err(noted.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn while_founders_are_away_silence_does_what_they_said_before_and_the_report_tells_it() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let (row, waits) = (asked(&place, &ceo, "q").await, asked(&place, &ceo, "waits").await);
    assert!(place.brief(&row.id).await.silence.contains("no policy lets silence answer"));
    let away = declare(&place, form(&[("deploy", "as_declared")])).await;
    let before = place.brief(&row.id).await.silence;
    assert!(before.contains("option A takes effect") && before.contains("5 of this agent's briefs"), "{before}");
    assert!(place.inbox().await.away.is_some_and(|away| away.is_on && away.may_end));
    place.let_pass(&row.id).await;
    let decided = place.made(&row.id).await.decision.unwrap();
    assert_eq!((decided.by, decided.how.as_str()), (None, "policy “as declared”"));
    place.desk.service.end_away(&place.desk.founder, away).await.unwrap();
    let notice = place.inbox().await.away.unwrap();
    assert!(!notice.is_on && notice.id == away.to_string());

    let told = report(&place, away).await;
    assert_eq!((told.decided.len(), told.waiting.len(), told.cost.as_str()), (1, 1, "$40.00"));
    assert_eq!((told.figures.unsaid, told.figures.by_people, told.figures.waiting), (1, 0, 1));
    let one = &told.decided[0];
    assert_eq!((one.kind.as_str(), one.cost.as_str(), one.may_reverse), ("silence", "$40.00", true));
    assert!(one.by.contains("as declared") && one.by.contains("Ada"), "{}", one.by);
    assert_eq!(told.waiting[0].brief, waits.id);
    // What nobody decided is decided anew: its author hears it, once.
    let decision = one.decision.clone().unwrap().parse().unwrap();
    let service = &place.desk.service;
    let task = service.reverse_decision(&place.desk.founder, decision, "Not on a Friday.").await.unwrap();
    let heard = ceo.told("decision_reversed").await;
    assert_eq!((&heard["option"], &heard["reason"]), (&json!("A"), &json!("Not on a Friday.")));
    let again = service.reverse_decision(&place.desk.founder, decision, "Again").await;
    assert!(conflict(again).contains("before"));
    assert_eq!(report(&place, away).await.decided[0].reversed, Some(task.to_string()));
    assert_eq!(place.entries("brief.reversed").await.len(), 1);
    // Without an absence, and without a policy, silence means nothing again.
    assert!(place.brief(&waits.id).await.silence.contains("no policy lets silence answer"));
}

#[tokio::test]
async fn what_founders_settle_alone_waits_while_they_are_away() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    for category in ["budget", "strategy", "priorities", "resource_allocation"] {
        let wider = place.desk.service.declare_away(&place.desk.proven(), form(&[(category, "recommended")])).await;
        assert!(conflict(wider).contains("Only founders settle"), "{category}");
    }
    let service = &place.desk.service;
    service.set_brief_policy(&place.desk.proven(), "deploy", true, "hold", "Ours").await.unwrap();
    let own = service.declare_away(&place.desk.proven(), form(&[("deploy", "as_declared")])).await;
    assert!(conflict(own).contains("“deploy”"));
    service.set_brief_policy(&place.desk.proven(), "deploy", false, "as_declared", "Small").await.unwrap();
    declare(&place, form(&[("*", "as_declared")])).await;
    let row = asked(&place, &ceo, "q").await;
    // Whoever reserves it in the middle of an absence is heard at once.
    place.desk.service.set_brief_policy(&place.desk.proven(), "deploy", true, "hold", "Ours").await.unwrap();
    place.let_pass(&row.id).await;
    lapsed(&mut place, 1).await;
    assert_eq!(place.number("select count(*) from decision").await, 0);
}

#[tokio::test]
async fn what_exceeds_a_cap_waits_for_a_person_and_the_report_says_which_cap() {
    let mut place = Place::start().await;
    let (ceo, cto) = (place.author("ceo").await, place.author("cto").await);
    let caps = AwayForm { most_decisions: 1, most_cost: "39.99".to_owned(), ..form(&[("*", "as_declared")]) };
    let away = declare(&place, caps).await;
    // A costs $40: a cent too much.
    let dear = asked(&place, &ceo, "dear").await;
    place.let_pass(&dear.id).await;
    lapsed(&mut place, 1).await;
    let cheap = async |place: &Place, author: &Author, name: &str| {
        let mut payload = author.payload(name);
        payload["at_deadline"] = json!("B");
        place.open(author, &payload).await
    };
    let (first, second) = (cheap(&place, &ceo, "first").await, cheap(&place, &ceo, "second").await);
    place.let_pass(&first.id).await;
    place.made(&first.id).await;
    place.let_pass(&second.id).await;
    lapsed(&mut place, 2).await;
    // Another agent has its own.
    let theirs = cheap(&place, &cto, "theirs").await;
    place.let_pass(&theirs.id).await;
    place.made(&theirs.id).await;
    let told = report(&place, away).await;
    let held: Vec<_> = told.held.iter().map(|one| (one.brief.clone(), one.cap)).collect();
    assert!(held.contains(&(dear.id.clone(), Some(Cap::Cost))), "{held:?}");
    assert!(held.contains(&(second.id.clone(), Some(Cap::Decisions))), "{held:?}");
    assert_eq!((held.len(), told.lapsed.len(), told.decided.len()), (2, 0, 2));
    // To be back does not let it happen after all: a person decides it.
    place.desk.service.end_away(&place.desk.founder, away).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let view = place.brief(&second.id).await;
    assert_eq!((view.row.state, view.may_decide), (BriefState::Open, true));
    place.decide(&view.row, "A").await.unwrap();
    place.made(&second.id).await;
}

#[tokio::test]
async fn what_a_cap_held_does_not_happen_by_itself_when_its_author_asks_again() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    declare(&place, AwayForm { most_cost: "1".to_owned(), ..form(&[("*", "as_declared")]) }).await;
    // A costs $40.
    let dear = asked(&place, &ceo, "dear").await;
    place.let_pass(&dear.id).await;
    lapsed(&mut place, 1).await;
    let cheap = |name: &str| {
        let mut payload = ceo.payload(name);
        payload["at_deadline"] = json!("B");
        payload
    };
    let again = place.open(&ceo, &cheap("dear")).await;
    assert_eq!((again.id.as_str(), again.version), (dear.id.as_str(), 2));
    assert!(place.brief(&dear.id).await.silence.contains("a person decides"));
    place.let_pass(&dear.id).await;
    let next = place.open(&ceo, &cheap("next")).await;
    place.let_pass(&next.id).await;
    place.made(&next.id).await;
    assert_eq!(place.brief(&dear.id).await.row.state, BriefState::Open);
    let many: Vec<(String, String)> = (0..101).map(|number| (format!("c{number}"), "hold".to_owned())).collect();
    let many = AwayForm { choices: many.into_iter().collect(), ..form(&[]) };
    let refused = place.desk.service.declare_away(&place.desk.proven(), many).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "choices", .. })), "{refused:?}");
}

/// What silence writes of one of [`Place::many`].
fn silence(place: &Place, number: usize, brief: &(uuid::Uuid, String)) -> String {
    silence_at(place, number, brief, now())
}

fn silence_at(place: &Place, number: usize, (brief, sha256): &(uuid::Uuid, String), at: Millis) -> String {
    let (tenant, id, at) = (place.desk.founder.tenant, uuid::Uuid::from_u128(0xdd_0000 + number as u128), at.0);
    format!(
        "insert into decision (tenant_id, id, brief_id, version, sha256, choice, answer, rationale, prediction, policy, how,
                               proven_ms, at_ms, held_ms, said_key, state, ended_ms)
         values ('{tenant}', '{id}', '{brief}', 1, '\\x{sha256}', 'option', 'A', '', '', 'as_declared', 'silence', {at}, {at}, {at},
                 'silence', 'made', {at})"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_deadlines_at_once_exceed_no_cap() {
    for (most_decisions, most_cost, expected) in [(7, "1000", 7), (100, "5.5", 5)] {
        let mut place = Place::start().await;
        place.author("ceo").await;
        let caps = AwayForm { most_decisions, most_cost: most_cost.to_owned(), ..form(&[("deploy", "as_declared")]) };
        declare(&place, caps).await;
        let briefs = place.many("ceo", 100).await;
        let statements = briefs.iter().enumerate().map(|(number, brief)| silence(&place, number, brief)).collect();
        assert_eq!(place.at_once(statements).await, expected);
        let counted = "select count(*) from decision where away_id is not null and cost_micro_usd = 1000000";
        assert_eq!(place.number(counted).await, i64::try_from(expected).unwrap());
    }
}

#[tokio::test]
async fn silence_means_what_counts_now_whatever_moment_it_is_dated_at() {
    let mut place = Place::start().await;
    place.author("ceo").await;
    let away = declare(&place, form(&[("deploy", "as_declared")])).await;
    let briefs = place.many("ceo", 3).await;
    // A deadline in five minutes is no passed one, and whoever dates their word ahead does not let it pass.
    let ahead = now().0 + 300_000;
    let (first, _) = &briefs[0];
    place
        .sql(&format!(
            "set session_replication_role = replica; update brief set deadline_ms = {ahead} where id = '{first}';
             set session_replication_role = origin;"
        ))
        .await;
    let early = silence_at(&place, 0, &briefs[0], Millis(now().0 + 590_000));
    assert_eq!(place.at_once(vec![early]).await, 0);
    assert_eq!(place.at_once(vec![silence(&place, 1, &briefs[1])]).await, 1);
    let before = now();
    place.desk.service.end_away(&place.desk.founder, away).await.unwrap();
    let late = silence_at(&place, 2, &briefs[2], Millis(before.0 - 1));
    assert_eq!(place.at_once(vec![late]).await, 0, "she is back");
}

#[tokio::test]
async fn an_absence_ends_with_its_founder_and_does_not_come_back_with_them() {
    let mut place = Place::start().await;
    place.author("ceo").await;
    let grace = place.member(14, "Grace", countersign_domain::Role::Founder).await;
    declare(&place, form(&[("deploy", "as_declared")])).await;
    let briefs = place.many("ceo", 3).await;
    assert_eq!(place.at_once(vec![silence(&place, 0, &briefs[0])]).await, 1);
    let ada = place.desk.founder.person;
    for (number, role) in [(1, "observer"), (2, "founder")] {
        place.desk.service.change_role(&grace, ada, role).await.unwrap();
        let aways = place.desk.service.read_autonomy(&grace).await.unwrap().aways;
        assert_eq!(aways[0].stand, Stand::Over, "{role}");
        assert_eq!(place.at_once(vec![silence(&place, number, &briefs[number])]).await, 0, "{role}");
    }
    // Another founder may be away now.
    place.desk.service.declare_away(&grace, form(&[])).await.unwrap();
    let far = AwayForm { from: Some(Millis(now().0 + 61 * 86_400_000)), ..form(&[]) };
    let far = place.desk.service.declare_away(&grace, far).await;
    assert!(matches!(far, Err(Error::Invalid { field: "from", .. })), "{far:?}");
}

#[tokio::test]
async fn an_absence_is_one_at_a_time_ends_by_itself_and_nobody_but_a_founder_declares_it() {
    let mut place = Place::start().await;
    let bob = place.member(12, "Bob", countersign_domain::Role::Reviewer).await;
    let refused = place.desk.service.declare_away(&bob, form(&[])).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    let first = declare(&place, form(&[])).await;
    let second = place.desk.service.declare_away(&place.desk.proven(), form(&[])).await;
    assert!(conflict(second).contains("already"));
    let past = now().0 - 1_000;
    place
        .sql(&format!(
            "set session_replication_role = replica; update away set from_ms = {past} - 1000, until_ms = {past};
             set session_replication_role = origin;"
        ))
        .await;
    assert!(!place.inbox().await.away.unwrap().is_on, "it is over");
    let late = place.desk.service.end_away(&place.desk.founder, first).await;
    assert!(conflict(late).contains("over already"));
    // Over HTTP, as a form is sent.
    let cookie = place.desk.cookie().await;
    let headers = [FORM, ("Cookie", cookie.as_str()), ("Accept", "application/json")];
    let body = "tenant=acme&until=2099-01-01T00:00&reason=Rest&choices[deploy]=hold&most_decisions=1&most_cost=1&most_moved_percent=0";
    let far = ask(&place.server, "POST", "/api/away/declare", &headers, body);
    assert_eq!(far.status, 422, "beyond sixty days: {} {}", far.status, far.body);
    let until = Millis(now().0 + 86_400_000).to_rfc3339();
    let body = body.replace("2099-01-01T00:00", &until[..16]);
    let good = ask(&place.server, "POST", "/api/away/declare", &headers, &body);
    assert!((200..400).contains(&good.status), "{} {}", good.status, good.body);
    let reading = place.desk.service.read_autonomy(&place.desk.founder).await.unwrap();
    assert_eq!(reading.aways[0].choices, [("deploy".to_owned(), "hold".to_owned())]);
    assert_eq!(place.entries("away.declared").await.len(), 2);
}

#[tokio::test]
async fn a_deadline_that_passes_leaves_tasks_and_leases_alone() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let mut payload = ceo.payload("q");
    payload["correlation_id"] = json!("one-trace");
    let row = place.open(&ceo, &payload).await;
    // The author works on a task of the same trace, with a lease, and has another one that waits.
    for number in 0..2 {
        let body = json!({"task": format!("Task {number}"), "correlation_id": "one-trace"}).to_string();
        ceo.bus.publish("tasks.ceo.work", &[], body).await.unwrap();
    }
    let message = ceo.bus.take_task().await;
    let (sequence, delivery) = {
        let info = message.info().unwrap();
        (info.stream_sequence, info.delivered)
    };
    let console = place.server.addresses.console.clone();
    let token = web::token(&console, &ceo.agent.creds).await;
    let claim = json!({"sequence": sequence, "delivery": delivery}).to_string();
    let lease = eventually("the claim", async || {
        let answer = web::post(&console, "/claims", Some(&token), &claim).await;
        if answer.status == 200 { Ok(answer.json) } else { Err(format!("{} {}", answer.status, answer.json)) }
    })
    .await;
    let picture =
        "select coalesce(sum(hashtext(t.id::text || t.state || coalesce(t.ended_ms, 0)::text)), 0)::bigint from task t
                   where t.kind = 'work'";
    let both = "select count(*) from task where kind = 'work' and state in ('queued', 'running')";
    eventually("both tasks are recorded, and one runs", async || {
        let running = place.number("select count(*) from task where kind = 'work' and state = 'running'").await;
        let known = place.number(both).await;
        if (known, running) == (2, 1) { Ok(()) } else { Err(format!("{known} {running}")) }
    })
    .await;
    let leases = "select count(*) from lease where fence is not null";
    let before = (place.number(picture).await, place.number(leases).await);
    assert_eq!(before.1, 1, "{lease}");
    place.let_pass(&row.id).await;
    lapsed(&mut place, 1).await;
    assert_eq!((place.number(picture).await, place.number(leases).await), before);
    // The work goes on as if nothing had been.
    let (task, fence) = (lease["task"].as_str().unwrap(), lease["fence"].as_i64().unwrap());
    let body = json!({"fence": fence}).to_string();
    let done = web::post(&console, &format!("/claims/{task}/complete"), Some(&token), &body).await;
    assert_eq!(done.status, 200, "{}", done.json);
}
