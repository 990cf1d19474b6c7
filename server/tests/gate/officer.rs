//! The security officer: what it is asked, what of its words is shown, and that they decide nothing.

use crate::{
    harness::{eventually, stock::Connection},
    place::{Place, hash_of, mission, role},
};
use countersign_domain::{
    ReviewId,
    reading::{Examination, TaskQuery},
    review::{ReviewState, Severity, Verdict},
};
use serde_json::{Value, json};

/// What an officer says when it finds nothing.
fn examined(review: ReviewId, sha256: &str, findings: Value) -> String {
    let verdict = if findings.as_array().is_some_and(Vec::is_empty) { "approve" } else { "reject" };
    json!({ "review": review.to_string(), "subject_sha256": sha256, "verdict": verdict, "findings": findings })
        .to_string()
}

/// Waits until so many examinations are shown.
async fn examinations(place: &Place, review: ReviewId, count: usize) -> Vec<Examination> {
    eventually(&format!("{count} examinations"), async || {
        let shown = place.review(review).await.examinations;
        if shown.len() >= count { Ok(shown) } else { Err(format!("{}", shown.len())) }
    })
    .await
}

impl Place {
    /// An agent whose role is to examine role files.
    async fn officer(&self) -> Connection {
        self.desk.agent_of(&role("cso", &["consumes: { kinds: [examine_role] }"])).await.connect().await
    }
}

async fn say(client: &Connection, agent: &str, payload: &str) {
    client.publish(&format!("events.{agent}.review.examined"), &[], payload.to_owned()).await.unwrap();
}

#[tokio::test]
async fn the_officer_is_asked_about_each_file_and_its_findings_stand_beside_the_rules() {
    let place = Place::start().await;
    let officer = place.officer().await;
    let text = mission("backend", "Build the API.");
    let review = place.propose(&text).await;
    let message = officer.take_task().await;
    assert_eq!(message.subject.as_str(), "tasks.cso.examine_role");
    let task: Value = serde_json::from_slice(&message.payload).unwrap();
    assert_eq!(task["review"], json!(review.to_string()));
    assert_eq!((task["agent"].as_str(), task["role"].as_str()), (Some("backend"), Some(text.as_str())));
    assert_eq!(task["subject_sha256"], json!(hash_of(&text)));
    assert_eq!(task["correlation_id"], json!(review.to_string()), "its trace is the review's");
    let before = place.review(review).await;
    assert!(
        before.examinations.len() == 1 && before.examinations[0].by.is_none(),
        "the rules have examined it at once"
    );

    let finding = json!({ "rule": "leaks", "severity": "critical", "line": 5, "column": 3, "path": "spec.mission", "why": "It is too wide.", "fix": "Narrow it." });
    say(&officer, "cso", &examined(review, &hash_of(&text), json!([finding]))).await;
    message.ack().await.unwrap();
    let shown = examinations(&place, review, 2).await;
    let theirs = &shown[1];
    assert_eq!((theirs.by.as_deref(), theirs.verdict), (Some("cso"), Some(Verdict::Reject)));
    let found = &theirs.findings[0];
    assert_eq!((found.rule.as_str(), found.severity, found.line, found.column), ("leaks", Severity::Critical, 5, 3));
    assert_eq!((found.why.as_str(), found.fix.as_str()), ("It is too wide.", "Narrow it."));
    let row = place.review(review).await.row;
    assert_eq!((row.gravest, row.findings), (Some(Severity::Critical), before.row.findings + 1));
    assert_eq!(row.state, ReviewState::Open, "an officer decides nothing");
    place.desk.approve(review).await;

    // Of its own file it is not asked.
    place.propose(&mission("cso", "Examine role files.")).await;
    let query = TaskQuery { kind: Some("examine_role".into()), ..TaskQuery::default() };
    assert_eq!(place.desk.tasks(query).await.count, 1);
}

#[tokio::test]
async fn only_the_officers_own_words_about_the_very_content_are_its_examination() {
    let mut place = Place::start().await;
    let officer = place.officer().await;
    let other = place.desk.agent("legal", "").await.connect().await;
    let (old, new) = (mission("backend", "Build the API."), mission("backend", "Build the API well."));
    let replaced = place.propose(&old).await;
    let review = place.propose(&new).await;
    let (id, hash) = (review.to_string(), hash_of(&new));

    let good = examined(review, &hash, json!([]));
    say(&other, "legal", &good).await;
    say(&officer, "cso", &examined(review, &hash_of(&old), json!([]))).await;
    say(&officer, "cso", &examined(review, &hash_of("nothing"), json!([]))).await;
    say(&officer, "cso", &examined(replaced, &hash, json!([]))).await;
    for broken in [
        good[..good.len() - 1].to_owned(),
        format!(r#"{{"review":"{id}"}}"#),
        format!(r#"{{"review":"{id}","subject_sha256":"{hash}"}}"#),
        format!(r#"{{"review":"{id}","subject_sha256":"{hash}","verdict":"maybe"}}"#),
        format!(r#"{{"review":"{id}","subject_sha256":"{hash}","verdict":"approve","findings":"none"}}"#),
        format!(r#"{{"review":"{id}","subject_sha256":"{hash}","verdict":"approve","findings":[{{"rule":"x"}}]}}"#),
        format!(r#"{{"review":"{id}","subject_sha256":"{}","verdict":"approve"}}"#, &hash[1..]),
        format!(r#"{{"review":["{id}"],"subject_sha256":"{hash}","verdict":"approve"}}"#),
        format!(r#""{id} {hash} approve""#),
        format!("[\"{id}\"]"),
        "null".to_owned(),
    ] {
        say(&officer, "cso", &broken).await;
    }
    // On another topic it is no examination either.
    officer.publish("events.cso.review.noted", &[], good.clone()).await.unwrap();
    // What is said last is what is good; whatever came before it is in the record by then.
    say(&officer, "cso", &examined(review, &hash, json!([{ "rule": "last", "severity": "low", "why": "Fine." }])))
        .await;
    let shown = examinations(&place, review, 2).await;
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert_eq!(shown[1].findings[0].rule, "last");
    assert_eq!(place.review(replaced).await.examinations.len(), 1, "the one about other content is nobody's");
    assert_eq!(place.number("select count(*) from review_decision where review_id <> all(select id from review where agent in ('cso', 'legal'))").await, 0);
    assert_eq!(place.review(review).await.row.state, ReviewState::Open);
}

#[tokio::test]
async fn what_an_officer_says_cannot_mislead_whoever_reads_it() {
    let place = Place::start().await;
    let officer = place.officer().await;
    let text = mission("backend", "Build the API.");
    let review = place.propose(&text).await;
    let hostile = [
        "\u{202e}evorppa\u{202c}",
        "zero\u{200b}width\u{2060}\u{feff}",
        "tag\u{e0041}\u{e0042}",
        "line\nbreak\r\n\ttab",
        "bell\u{7}\u{1b}[31mred",
        "soft\u{ad}hyphen\u{34f}",
        "filler\u{3164}\u{115f}",
    ];
    let findings: Vec<Value> = hostile
        .iter()
        .map(|text| json!({ "rule": text, "severity": "high", "path": text, "why": text, "fix": text }))
        .collect();
    say(&officer, "cso", &examined(review, &hash_of(&text), json!(findings))).await;
    // And one that buries all others.
    let many: Vec<Value> =
        (0..1_000).map(|n| json!({ "rule": format!("r{n}"), "severity": "low", "why": "" })).collect();
    say(&officer, "cso", &examined(review, &hash_of(&text), json!(many))).await;
    let shown = examinations(&place, review, 3).await;
    for (found, text) in shown[1].findings.iter().zip(hostile) {
        for part in [&found.rule, &found.path, &found.why, &found.fix] {
            let hidden: Vec<char> = part
                .chars()
                .filter(|c| {
                    c.is_control()
                        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
                })
                .collect();
            assert!(hidden.is_empty(), "{text:?}: {part:?} hides {hidden:?}");
            let word: String = text.chars().filter(char::is_ascii_alphabetic).take(3).collect();
            assert!(part.contains(&word), "{part:?} says what it said: {word}");
        }
    }
    assert_eq!(shown[1].findings.len(), hostile.len());
    assert_eq!(shown[2].findings.len(), 200, "as many as a page can show");
}
