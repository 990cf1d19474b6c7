//! What agents ask: what of it a founder sees, and what goes back.

use crate::{
    harness::eventually,
    place::{Author, Place, in_hours},
};
use countersign_domain::brief::{BriefState, InboxSplit};
use serde_json::{Value, json};
use std::time::Duration;

/// The rules and places in what an author is told.
fn broken(told: &Value) -> Vec<(String, String)> {
    let word = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
    let faults = told["faults"].as_array().unwrap().iter();
    faults.map(|fault| (word(fault, "rule"), word(fault, "pointer"))).collect()
}

/// Sends a bad brief and answers what its author hears.
async fn refused(author: &Author, payload: &Value) -> Vec<(String, String)> {
    author.send(payload).await;
    broken(&author.told("brief_rejected").await)
}

fn one(rule: &str, pointer: &str) -> Vec<(String, String)> {
    vec![(rule.to_owned(), pointer.to_owned())]
}

#[tokio::test]
async fn what_keeps_the_contract_is_put_before_a_founder() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q1")).await;
    assert_eq!((row.state, row.split, row.version), (BriefState::Open, InboxSplit::Decisions, 1));
    assert_eq!((row.options, row.risk.as_deref(), row.at_stake_micro_usd), (3, Some("high"), 40_000_000));
    assert_eq!((row.recommended.as_str(), row.confidence_micro, row.is_reserved), ("B: Wait", 820_000, false));
    assert!(row.lint_score > 90 && row.reading_s > 10, "{} {}", row.lint_score, row.reading_s);
    let view = place.brief(&row.id).await;
    assert!(view.context_html.contains("<strong>0.3 %</strong>"), "{}", view.context_html);
    assert!(view.evidence.iter().all(|one| one.check.is_sound()), "{:?}", view.evidence);
    assert!(view.silence.contains("its author asks for it"), "{}", view.silence);
    assert!(view.may_decide && view.blocked.is_none() && !view.may_sign);
    let soon = json!({"deadline": in_hours(2)});
    let mut near = ceo.payload("q2");
    near["deadline"] = soon["deadline"].clone();
    assert_eq!(place.open(&ceo, &near).await.split, InboxSplit::DueSoon);
    let counts = place.inbox().await.counts;
    assert_eq!((counts.due_soon, counts.decisions, counts.snoozed, counts.decided), (1, 1, 0, 0));
}

#[tokio::test]
async fn what_cannot_be_decided_goes_back_with_all_reasons_and_the_inbox_stays_clean() {
    let place = Place::start().await;
    let (ceo, other) = (place.author("ceo").await, place.author("cto").await);
    let with = |pointer: &str, value: Value| {
        let mut payload = ceo.payload("bad");
        *payload.pointer_mut(pointer).unwrap() = value;
        payload
    };
    let option = ceo.payload("bad")["options"][0].clone();
    let forty: Vec<Value> = (0..40).map(|_| option.clone()).collect();
    for (payload, wanted) in [
        (with("/question", json!("Do we <b>deploy</b>?")), one("html", "/question")),
        (with("/title", json!("Pay\u{202e}lave")), one("hidden_character", "/title")),
        (with("/recommendation/key", json!("Z")), one("no_such_option", "/recommendation/key")),
        (with("/deadline", json!("2026-01-01T00:00:00Z")), one("deadline_passed", "/deadline")),
        (with("/at_deadline", json!("C")), one("silence_irreversible", "/at_deadline")),
        (with("/evidence/0/sha256", json!("0".repeat(64))), one("evidence_unsound", "/evidence/0/sha256")),
        // It is there, and another agent's.
        (with("/evidence/0/sha256", json!(other.sha256)), one("evidence_unsound", "/evidence/0/sha256")),
        (with("/context_md", json!("x".repeat(13_000))), one("too_large", "/context_md")),
        (with("/context_md", json!("x".repeat(200_000))), one("too_large", "")),
    ] {
        assert_eq!(refused(&ceo, &payload).await, wanted);
    }
    let many = refused(&ceo, &with("/options", json!(forty))).await;
    assert!(many.contains(&("option_count".into(), "/options".into())), "{many:?}");
    let mut itself = ceo.payload("bad");
    itself["decision"] = json!("A");
    assert_eq!(refused(&ceo, &itself).await, one("decides_itself", "/decision"));
    let empty = refused(&ceo, &json!({})).await;
    assert!(empty.len() == 11 && empty.iter().all(|(rule, _)| rule == "missing_field"), "{empty:?}");
    assert_eq!(place.inbox().await.rows, []);
    let authors = place.desk.service.read_brief_authors(&place.desk.founder).await.unwrap();
    assert_eq!((authors[0].author.as_str(), authors[0].taken, authors[0].refused), ("ceo", 0, 12));
    assert!(authors[0].lint_score < 90);
}

#[tokio::test]
async fn evidence_whose_bytes_are_damaged_is_none() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("sound")).await;
    let store = place.server.dir.join("artifacts");
    damage(&store, &ceo.sha256);
    let refusal = refused(&ceo, &ceo.payload("damaged")).await;
    assert_eq!(refusal, one("evidence_unsound", "/evidence/0/sha256"));
    // Nor is one decided that was sound before.
    let view = place.brief(&row.id).await;
    assert!(!view.evidence[0].check.is_sound(), "{:?}", view.evidence);
    let words = crate::place::conflict(place.decide(&row, "B").await);
    assert!(words.contains("Error rates") && words.contains("not what its hash says"), "{words}");
    place.decide(&row, "none").await.expect("to say that nothing of it is to be done needs no evidence");
    assert_eq!(place.number("select count(*) from decision").await, 1);
}

/// Changes a byte of every file that has this name.
fn damage(folder: &std::path::Path, sha256: &str) {
    let mut done = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().replace(['/', '\\'], "").contains(sha256) {
                let mut bytes = std::fs::read(&path).unwrap();
                bytes[0] ^= 1;
                std::fs::write(&path, bytes).unwrap();
                done += 1;
            }
        }
    }
    assert!(done > 0, "{sha256} is nowhere in {}", folder.display());
}

#[tokio::test]
async fn a_newer_version_takes_the_place_of_the_older_and_says_what_changed() {
    let mut place = Place::start().await;
    let (ceo, cto) = (place.author("ceo").await, place.author("cto").await);
    let first = place.open(&ceo, &ceo.payload("q")).await;
    let others = place.open(&cto, &cto.payload("q")).await;
    assert_ne!(first.id, others.id, "another author's question is another one, whatever it is called");
    let mut payload = ceo.payload("q");
    payload["deadline"] = json!(first.deadline.to_rfc3339());
    payload["options"][0]["cost_usd"] = json!(80);
    let second = place.open(&ceo, &payload).await;
    assert_eq!((second.id.as_str(), second.version), (first.id.as_str(), 2));
    let view = place.brief(&second.id).await;
    let cost = view.difference.iter().find(|change| change.what == "option A: cost").expect("the cost");
    assert_eq!((cost.before.as_deref(), cost.after.as_deref()), (Some("$40.00"), Some("$80.00")));
    assert_eq!(view.versions.len(), 2);
    // The same once more is nothing new.
    ceo.send(&payload).await;
    eventually("both events dealt with", async || {
        let rows: (i64,) = sqlx::query_as("select count(*) from brief_intake where outcome = 'same'")
            .fetch_one(&mut place.owner)
            .await
            .map_err(|error| error.to_string())?;
        if rows.0 == 1 { Ok(()) } else { Err(format!("{}", rows.0)) }
    })
    .await;
    assert_eq!(place.brief(&second.id).await.versions.len(), 2);
    assert_eq!(place.inbox().await.rows.len(), 2);
}

#[tokio::test]
async fn an_author_that_asks_badly_again_and_again_is_counted_and_told_no_more() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    for _ in 0..30 {
        ceo.send(&json!({"brief": "again"})).await;
    }
    eventually("all are counted", async || {
        let (count,): (i64,) = sqlx::query_as("select count(*) from brief_intake")
            .fetch_one(&mut place.owner)
            .await
            .map_err(|error| error.to_string())?;
        if count == 30 { Ok(()) } else { Err(count.to_string()) }
    })
    .await;
    assert_eq!(place.number("select count(*) from task where kind = 'brief_rejected'").await, 20);
    for _ in 0..20 {
        ceo.told("brief_rejected").await;
    }
    assert!(ceo.hears_nothing(Duration::from_secs(2)).await);
    assert_eq!(place.entries("brief.refused").await.len(), 30);
}

#[tokio::test]
async fn what_was_decided_is_not_asked_again() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    place.decide(&row, "A").await.unwrap();
    place.made(&row.id).await;
    let mut again = ceo.payload("q");
    again["title"] = json!("Once more");
    assert_eq!(refused(&ceo, &again).await, one("already_decided", "/brief"));
}
