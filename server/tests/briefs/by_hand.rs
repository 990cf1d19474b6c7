//! Briefs that a person writes, by the form of the page and without script.

use crate::{
    harness::{
        ask::{FORM, ask},
        web,
    },
    place::{Place, conflict, in_hours},
};
use countersign_domain::{Role, brief::BriefState};
use countersign_service::{Error, Raised};
use std::fmt::Write;

/// The form with these fields, as a browser sends it.
fn form(fields: &[(&str, &str)]) -> String {
    let mut body = "tenant=acme&act=%2Fapi%2Fbrief%2Fwrite".to_owned();
    for (name, value) in fields {
        let value: String = value.bytes().fold(String::new(), |mut text, byte| {
            write!(text, "%{byte:02X}").unwrap();
            text
        });
        write!(body, "&f%5B{name}%5D={value}").unwrap();
    }
    body
}

#[tokio::test]
async fn a_founder_writes_a_brief_and_every_reason_stands_beside_its_field() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let console = &place.server.addresses.console;
    let bearer = web::token(console, &ceo.agent.creds).await;
    let auth = format!("Bearer {bearer}");
    let labelled = format!(r#"{{"sha256":"{}"}}"#, ceo.sha256);
    let put = web::ask(console, "PUT", "/api/v1/labels/reports/q3.md", &[("Authorization", &auth)], &labelled).await;
    assert_eq!(put.status, 200, "{put:?}");
    let cookie = place.desk.cookie().await;
    let headers = [FORM, ("Cookie", cookie.as_str())];
    let page = ask(&place.server, "GET", "/t/acme/inbox/new", &[("Cookie", cookie.as_str())], "");
    assert!(page.status == 200 && page.body.contains("ceo:reports/q3.md"), "{}", page.head);
    let deadline = in_hours(48);
    let right = [
        ("name", "by-hand-1"),
        ("title", "More for the backend"),
        ("question", "Does the backend get one more day a week?"),
        ("category", "staffing"),
        ("context_md", "The **backend** waits."),
        ("input_needed", "Whether it is worth it"),
        ("a_title", "Yes"),
        ("a_consequence", "It goes faster."),
        ("a_cost_usd", "40"),
        ("a_reversible", "true"),
        ("a_risk", "low"),
        ("b_title", "No"),
        ("b_consequence", "It goes on as it does."),
        ("b_cost_usd", "0"),
        ("b_reversible", "true"),
        ("recommended", "A"),
        ("why", "It pays."),
        ("confidence", "82"),
        ("e1_artifact", "ceo:reports/q3.md"),
        ("e1_shows", "The quarter"),
        ("deadline", &deadline[..16]),
        ("at_deadline", "none"),
    ];
    let mut wrong = right;
    wrong[2].1 = "The backend needs a day";
    wrong[8].1 = "much";
    wrong[18].1 = "ceo:nothing";
    wrong[11].1 = "<script>alert(1)</script>";
    let refused = ask(&place.server, "POST", "/t/acme/inbox/new", &headers, &form(&wrong));
    assert_eq!(refused.body.matches(r#"data-testid="field-error""#).count(), 4, "{}", refused.body);
    for part in ["4 things keep it", "does not end with a question mark", "a number", "More for the backend", "82"] {
        let told = refused.body.split(r#"data-testid="form-error""#).nth(1).unwrap_or("nothing");
        assert!(refused.body.contains(part), "{part}: {}", &told[..told.len().min(300)]);
    }
    assert!(!refused.body.contains("<script>alert(1)"), "what was written stays text");
    assert_eq!(place.inbox().await.rows, []);
    for _ in 0..2 {
        let sent = ask(&place.server, "POST", "/t/acme/inbox/new", &headers, &form(&right));
        assert!(sent.status == 303 && sent.head.contains("location: /t/acme/inbox/"), "{}", sent.head);
    }
    let rows = place.inbox().await.rows;
    assert_eq!(rows.len(), 1, "sent twice, it is one brief");
    assert_eq!((rows[0].author.as_str(), rows[0].written_by.as_deref()), ("founder", Some("Ada")));
    assert_eq!((rows[0].confidence_micro, rows[0].at_stake_micro_usd), (820_000, 40_000_000));
    let page = ask(&place.server, "GET", &format!("/t/acme/inbox/{}", rows[0].id), &[("Cookie", &cookie)], "");
    assert!(page.body.contains("Written by") && page.body.contains("ask them in person"), "{}", page.body);
    let service = &place.desk.service;
    let id = Place::id(&rows[0]);
    assert!(conflict(service.ask_author(&place.desk.founder, id, "Why?").await).contains("A person wrote this"));
    place.decide(&rows[0], "A").await.unwrap();
    assert_eq!(place.made(&rows[0].id).await.row.state, BriefState::Decided, "and no agent is told by a task");
    assert!(ceo.hears_nothing(std::time::Duration::from_secs(1)).await);
}

#[tokio::test]
async fn who_is_no_founder_writes_none() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let payload = ceo.payload("q").to_string();
    for (number, name, role) in [(21, "Bob", Role::Reviewer), (22, "Cid", Role::Observer)] {
        let person = place.member(number, name, role).await;
        let refused = place.desk.service.write_brief(&person, payload.clone()).await;
        assert!(matches!(refused, Err(Error::Forbidden(Role::Founder))), "{role:?}");
    }
    let journaled = place.entries("brief.taken").await.len();
    let written = place.desk.service.write_brief(&place.desk.founder, payload).await.unwrap();
    assert!(matches!(written, Raised::Taken { .. }), "{written:?}");
    let entries = place.entries("brief.taken").await;
    assert_eq!((entries.len(), entries[journaled]["by"].is_string()), (journaled + 1, true), "{entries:?}");
}
