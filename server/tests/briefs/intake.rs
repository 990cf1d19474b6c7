//! What agents ask: what of it a founder sees, and what goes back.

use crate::{
    harness::eventually,
    place::{Author, Place, in_hours},
};
use countersign_domain::brief::{BriefState, InboxSplit};
use countersign_service::Error;
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
    // The form is judged before anything is read.
    let form = place.decide(&row, "Z").await;
    assert!(matches!(form, Err(Error::Invalid { field: "choice", .. })), "{form:?}");
    place.decide(&row, "none").await.expect("to say that nothing of it is to be done needs no evidence");
    assert_eq!(place.number("select count(*) from decision").await, 1);
}

/// What was whole a moment ago is not read again for a page, unless somebody wrote it; what is decided on always is.
#[tokio::test]
async fn evidence_is_read_once_a_minute_for_pages_and_anew_for_each_decision() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    assert!(place.brief(&row.id).await.evidence[0].check.is_sound());
    // Past the store: its times are as before, and only who reads it can tell.
    for file in files_of(&place.server.dir.join("artifacts"), &ceo.sha256) {
        let at = std::fs::metadata(&file).unwrap().modified().unwrap();
        flip(&file);
        std::fs::File::options().write(true).open(&file).unwrap().set_modified(at).unwrap();
    }
    assert!(place.brief(&row.id).await.evidence[0].check.is_sound(), "it was not read again");
    let words = crate::place::conflict(place.decide(&row, "B").await);
    assert!(words.contains("not what its hash says"), "{words}");
}

/// Changes a byte of every file that has this name.
fn damage(folder: &std::path::Path, sha256: &str) {
    let files = files_of(folder, sha256);
    assert!(!files.is_empty(), "{sha256} is nowhere in {}", folder.display());
    for file in &files {
        flip(file);
    }
}

fn flip(file: &std::path::Path) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[0] ^= 1;
    std::fs::write(file, bytes).unwrap();
}

fn files_of(folder: &std::path::Path, sha256: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().replace(['/', '\\'], "").contains(sha256) {
                found.push(path);
            }
        }
    }
    found
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

#[tokio::test]
async fn an_author_that_asks_anew_without_end_is_stopped_hears_it_once_and_may_again_in_an_hour() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let with = |number: u32| {
        let mut payload = ceo.payload("q");
        payload["title"] = json!(format!("Version {number}"));
        payload
    };
    for number in 1..=9 {
        ceo.send(&with(number)).await;
    }
    let all = async |place: &mut Place, wanted: i64| {
        eventually("all are dealt with", async || {
            let sql = "select count(*) from brief_intake";
            let (count,): (i64,) = sqlx::query_as(sql).fetch_one(&mut place.owner).await.map_err(|e| e.to_string())?;
            if count == wanted { Ok(()) } else { Err(count.to_string()) }
        })
        .await;
    };
    all(&mut place, 9).await;
    let row = place.inbox().await.rows.remove(0);
    assert_eq!((row.version, row.title.as_str()), (5, "Version 5"));
    assert_eq!(broken(&ceo.told("brief_rejected").await), one("too_many_versions", "/brief"));
    assert!(ceo.hears_nothing(Duration::from_secs(1)).await, "once");
    assert_eq!(place.number("select count(*) from brief_intake where outcome = 'refused'").await, 4);
    // What does not ask anew is taken, and heard of, as before.
    place.open(&ceo, &ceo.payload("other")).await;
    place
        .sql(
            "set session_replication_role = replica; update brief_version set at_ms = at_ms - 3600001;
              set session_replication_role = origin",
        )
        .await;
    assert_eq!(place.open(&ceo, &with(10)).await.version, 6);
}

#[tokio::test]
async fn what_arrives_is_dealt_with_in_the_order_of_the_bus_whatever_it_says_of_its_time() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    place.open(&ceo, &ceo.payload("q1")).await;
    // An event that says that it is three hours old, further on in the stream.
    place
        .sql(
            "set session_replication_role = replica;
              insert into event (tenant_id, epoch, sequence, agent, topic, payload, at_ms)
              select tenant_id, epoch, sequence + 1000, agent, topic, replace(payload, 'q1', 'old'), at_ms - 10800000
              from event where topic = 'brief.prepared';
              set session_replication_role = origin",
        )
        .await;
    place.open(&ceo, &ceo.payload("q2")).await;
    eventually("the old one in the inbox", async || {
        let rows = place.inbox().await.rows;
        if rows.iter().any(|row| row.name == "old") { Ok(()) } else { Err(format!("{}", rows.len())) }
    })
    .await;
    let owner = &mut place.owner;
    eventually("the mark behind it", async || {
        let sql = "select w.sequence - (select max(sequence) from event where topic = 'brief.prepared') from brief_watermark w";
        let (behind,): (i64,) = sqlx::query_as(sql).fetch_one(&mut *owner).await.map_err(|e| e.to_string())?;
        if behind == 0 { Ok(()) } else { Err(behind.to_string()) }
    })
    .await;
}
