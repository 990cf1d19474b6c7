//! The desk: what waits in order, and several briefs decided in one sitting.

use crate::{
    harness::ask::{FORM, ask},
    place::{Author, Place, in_hours},
    sign::Device,
};
use countersign_domain::{DecisionId, Role, brief::BriefState, reading::BriefRow};
use countersign_receipt::{Trusted, Verdict, verify};
use countersign_service::{BriefWord, Error, TaskForm};
use serde_json::{Value, json};

async fn open(place: &Place, ceo: &Author, count: usize) -> Vec<BriefRow> {
    let mut rows = Vec::new();
    for number in 0..count {
        rows.push(place.open(ceo, &ceo.payload(&format!("q{number}"))).await);
    }
    rows
}

fn words(rows: &[BriefRow]) -> Vec<BriefWord> {
    rows.iter().map(|row| BriefWord { key: format!("form-{}", row.id), ..Place::word(row, "B") }).collect()
}

/// As the page's script writes them.
fn written(rows: &[BriefRow], choice: &str) -> String {
    let one = |row: &BriefRow| json!({"brief": row.id, "sha256": row.sha256, "choice": choice, "answer": "", "rationale": "", "prediction": "", "key": format!("form-{}", row.id)});
    Value::Array(rows.iter().map(one).collect()).to_string()
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |all, byte| all + &format!("%{byte:02X}"))
}

#[tokio::test]
async fn the_dearest_wait_comes_first_and_says_of_what_its_cost_is_made() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let cto = place.author("cto").await;
    let mut cheap = ceo.payload("cheap");
    (cheap["options"][0]["cost_usd"], cheap["options"][2]["cost_usd"]) = (json!(1), json!(1));
    cheap["deadline"] = json!(in_hours(72));
    let cheap = place.open(&ceo, &cheap).await;
    let dear = place.open(&ceo, &ceo.payload("dear")).await;
    let order = async |place: &Place| {
        let desk = place.desk.service.read_desk(&place.desk.founder).await.unwrap();
        desk.items.into_iter().map(|item| (item.row.id, item.cost)).collect::<Vec<_>>()
    };
    let before = order(&place).await;
    assert_eq!(before.iter().map(|(id, _)| id).collect::<Vec<_>>(), [&dear.id, &cheap.id]);
    assert_eq!((before[0].1.spread, before[0].1.agents, before[0].1.blocked_tasks), (40_000_000, 1, 0));
    // Work stops for want of the other one: an agent that costs much has a task in its trace.
    let form = TaskForm {
        agent: "cto".to_owned(),
        kind: "build".to_owned(),
        correlation_id: "trace-cheap".to_owned(),
        ..TaskForm::default()
    };
    place.desk.service.create_task(&place.desk.founder, form).await.unwrap();
    let usage = json!({"usd": 1_400, "input_tokens": 1, "output_tokens": 1}).to_string();
    cto.bus.publish("events.cto.usage.reported", &[], usage).await.unwrap();
    let after = crate::harness::eventually("the agent that waits", async || {
        let list = order(&place).await;
        if list[0].0 == cheap.id { Ok(list) } else { Err(format!("{list:?}")) }
    })
    .await;
    let cost = after[0].1;
    assert_eq!((cost.agents, cost.blocked_tasks), (2, 1), "{cost:?}");
    assert!(cost.idle >= 200_000_000, "a seventh of what it reported in a week: {cost:?}");
    // What is put off, held or decided does not wait.
    place.decide(&dear, "B").await.unwrap();
    let desk = place.desk.service.read_desk(&place.desk.founder).await.unwrap();
    assert_eq!(desk.items.len(), 1);
    assert!(desk.gone.iter().any(|row| row.id == dear.id && row.state == BriefState::Held));
    assert_eq!(desk.next_deadline, Some(dear.deadline.min(cheap.deadline)));
    assert!(place.number("select count(*) from decision").await == 1 && desk.may_decide && !desk.may_sign);
}

#[tokio::test]
async fn what_changed_or_was_decided_drops_out_of_the_batch_with_words_and_one_touch_signs_the_rest() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let rows = open(&place, &ceo, 4).await;
    let person = place.desk.founder.person;
    let device = Device::of(&mut place, person).await;
    let grace = place.member(11, "Grace", Role::Founder).await;
    let actor = place.desk.proven();
    let words = words(&rows);
    let mut newer = ceo.payload("q1");
    newer["options"][0]["cost_usd"] = json!(80);
    place.open(&ceo, &newer).await;
    place.desk.service.decide_brief(&grace, Place::word(&rows[2], "A")).await.unwrap();
    let service = &place.desk.service;
    let batch = service.ask_for_batch(&actor, words.clone()).await.unwrap();
    let batch = serde_json::to_value(batch).unwrap();
    let asked: Vec<&str> = batch["asked"].as_array().unwrap().iter().filter_map(|one| one["brief"].as_str()).collect();
    assert_eq!(asked, [&rows[0].id, &rows[3].id]);
    let why = |at: usize| batch["dropped"][at]["why"].as_str().unwrap();
    assert!(why(0).contains("“$40.00”, is “$80.00”"), "{batch}");
    assert!(why(1).starts_with("Grace decided this brief on "), "{batch}");
    let question = &batch["question"];
    let ceremony = question["ceremony"].as_str().unwrap();
    let held = service.sign_decisions(&actor, ceremony, &device.answer(question)).await.unwrap();
    assert!(held.len() == 2 && held.iter().all(|one| one.as_ref().is_ok_and(|held| held.is_signed)));
    // The very same again is said already: nothing is asked for, and nothing is decided twice.
    let again = serde_json::to_value(service.ask_for_batch(&actor, words).await.unwrap()).unwrap();
    assert!(again["question"].is_null() && again["dropped"].as_array().unwrap().len() == 4, "{again}");
    for row in [&rows[0], &rows[3]] {
        let decision = place.made(&row.id).await.decision.unwrap();
        let receipt = service.decision_receipt(&actor, decision.id.parse().unwrap()).await.unwrap();
        let Ok(Verdict::Countersigned(proof)) = verify(&receipt, &Trusted::default()) else { panic!("no proof") };
        assert_eq!(proof.covers, 2);
    }
    let dropped = [
        (Place::id(&rows[1]), rows[1].sha256.parse().unwrap()),
        (Place::id(&rows[2]), rows[2].sha256.parse().unwrap()),
    ];
    let done = service.read_desk_done(&actor, &[Place::id(&rows[0])], &dropped).await.unwrap();
    assert!(done.decided[0].receipt.is_some() && done.decided[0].decision.as_ref().unwrap().is_signed);
    assert!(done.dropped[0].difference.iter().any(|change| change.after.as_deref() == Some("$80.00")), "{done:?}");
    assert!(done.dropped[1].why.starts_with("Grace decided it on "), "{done:?}");
    // An address is no proof of who decided.
    let claimed = service.read_desk_done(&actor, &[Place::id(&rows[1]), Place::id(&rows[2])], &[]).await.unwrap();
    assert!(claimed.decided.is_empty(), "{claimed:?}");
    assert_eq!(place.number("select count(*) from decision where assertion is not null").await, 2);
}

#[tokio::test]
async fn over_http_an_unsigned_batch_is_decided_once_however_often_it_is_sent_and_taken_back_together() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let rows = open(&place, &ceo, 3).await;
    let cookie = place.desk.cookie().await;
    let post = |path: &str, form: &str| {
        let form = format!("tenant=acme&{form}");
        ask(&place.server, "POST", path, &[FORM, ("Accept", "application/json"), ("Cookie", &cookie)], &form)
    };
    let batch = format!("took=61000&words={}", escaped(&written(&rows, "B")));
    let (first, second) = (post("/api/desk/decide_batch", &batch), post("/api/desk/decide_batch", &batch));
    for answer in [&first, &second] {
        let done = format!("location: /t/acme/desk?at=done.61000.{}.{}.{}", rows[0].id, rows[1].id, rows[2].id);
        assert!(answer.head.contains(&done), "{}{}", answer.head, answer.body);
    }
    let ids: Vec<(uuid::Uuid,)> =
        sqlx::query_as("select id from decision where state = 'held'").fetch_all(&mut place.owner).await.unwrap();
    assert_eq!(ids.len(), 3, "pressed twice, decided once");
    let ids: Vec<String> = ids.iter().map(|(id,)| id.to_string()).collect();
    let undone = ask(
        &place.server,
        "POST",
        "/api/desk/undo_batch",
        &[FORM, ("Accept", "application/json"), ("Cookie", &cookie)],
        &format!("tenant=acme&decisions={}", ids.join(".")),
    );
    assert!(undone.head.contains("location: /t/acme/desk"), "{}", undone.head);
    assert_eq!(place.number("select count(*) from decision where state = 'taken_back'").await, 3);
    let desk = place.desk.service.read_desk(&place.desk.founder).await.unwrap();
    assert_eq!(desk.items.len(), 3, "all wait again");
}

#[tokio::test]
async fn nobody_decides_a_batch_who_may_not_and_no_review_is_ever_part_of_one() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let rows = open(&place, &ceo, 2).await;
    let service = &place.desk.service.clone();
    for (number, role) in [(20, Role::Observer), (21, Role::Reviewer)] {
        let other = place.member(number, role.as_str(), role).await;
        let refused = |error: Option<Error>| assert!(matches!(error, Some(Error::Forbidden(_))), "{role:?}: {error:?}");
        refused(service.decide_batch(&other, words(&rows)).await.err());
        refused(service.ask_for_batch(&other, words(&rows)).await.err());
        // Who may be handed a brief may take an answer of their own back, and has none here.
        let undo = service.undo_batch(&other, &[DecisionId(uuid::Uuid::nil())]).await.err();
        assert!(matches!(undo, Some(Error::Forbidden(_) | Error::Conflict(_))), "{role:?}: {undo:?}");
    }
    // A proof that is old is asked for anew, once for all.
    let stale = countersign_domain::Actor { proven_at: countersign_domain::Millis(0), ..place.desk.proven() };
    assert!(matches!(service.decide_batch(&stale, words(&rows)).await, Err(Error::StepUp)));
    // The id of a review names no brief.
    let review = service.read_reviews(&place.desk.founder).await.unwrap().standing[0].id.clone();
    let mut with_review = words(&rows);
    with_review[0].brief = review.parse().unwrap();
    let outcomes = service.decide_batch(&place.desk.proven(), with_review).await.unwrap();
    assert!(matches!(outcomes[0].1, Err(Error::NotFound)) && outcomes[1].1.is_ok());
    for count in [0, 51] {
        let many = vec![Place::word(&rows[0], "B"); count];
        let refused = service.decide_batch(&place.desk.proven(), many).await.err();
        assert!(matches!(refused, Some(Error::Invalid { field: "words", .. })), "{count}: {refused:?}");
    }
    assert_eq!(place.number("select count(*) from decision").await, 1);
}
