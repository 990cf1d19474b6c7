//! What founders know and agents cannot see: told by founders, read by all, and marked on briefs that it came after.

use crate::{
    harness::{api::Program, web},
    place::{Place, conflict, now},
};
use countersign_domain::{ContextFactId, Millis, Role, api_token::Scope, reading::ContextView};
use countersign_service::{Error, FactForm};
use serde_json::json;

fn form(text: &str) -> FactForm {
    FactForm { kind: "commitment".to_owned(), text: text.to_owned(), from: None, until: None }
}

async fn read(place: &Place) -> ContextView {
    place.desk.service.read_context(&place.desk.founder).await.unwrap()
}

#[tokio::test]
async fn a_fact_is_told_in_versions_journaled_and_heard_by_every_agent() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let (service, ada) = (place.desk.service.clone(), place.desk.founder.clone());
    let id = service.add_fact(&ada, form("Oslo was promised Monday")).await.unwrap();
    let told = place.heard("context.changed").await;
    assert_eq!((told["fact"].as_str(), told["version"].as_u64()), (Some(id.to_string().as_str()), Some(1)));
    assert_eq!((told["kind"].as_str(), told["text"].as_str()), (Some("commitment"), Some("Oslo was promised Monday")));
    let until = Some(Millis(now().0 + 86_400_000));
    service.change_fact(&ada, id, FactForm { until, ..form("Oslo was promised Tuesday") }).await.unwrap();
    let row = read(&place).await.facts.remove(0);
    assert_eq!((row.version, row.text.as_str(), row.holds), (2, "Oslo was promised Tuesday", true));
    assert_eq!((row.until, row.before[0].text.as_str()), (until, "Oslo was promised Monday"));
    let console = &place.server.addresses.console;
    let auth = format!("Bearer {}", web::token(console, &ceo.agent.creds).await);
    let seen = web::ask(console, "GET", "/api/v1/context", &[("Authorization", auth.as_str())], "").await;
    assert_eq!((seen.status, seen.json["facts"][0]["version"].as_u64()), (200, Some(2)), "{seen:?}");
    let program = Program::new(&place.server, place.desk.token(&[Scope::Read]).await);
    assert_eq!(program.get("/context").await.json, seen.json);
    service.withdraw_fact(&ada, id).await.unwrap();
    let after = read(&place).await;
    assert!(after.facts.is_empty() && after.past[0].withdrawn, "{after:?}");
    for again in [service.withdraw_fact(&ada, id).await, service.change_fact(&ada, id, form("No")).await] {
        assert!(conflict(again).contains("taken back"));
    }
    for kind in ["context.added", "context.changed", "context.withdrawn"] {
        assert_eq!(place.entries(kind).await.len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn only_founders_tell_facts_and_none_that_say_nothing() {
    let mut place = Place::start().await;
    for (number, name, role) in [(21, "Bob", Role::Reviewer), (22, "Cid", Role::Observer)] {
        let person = place.member(number, name, role).await;
        let service = &place.desk.service;
        assert!(matches!(service.add_fact(&person, form("x")).await, Err(Error::Forbidden(Role::Founder))));
        assert!(!service.read_context(&person).await.unwrap().may_change);
    }
    let (service, ada) = (&place.desk.service, &place.desk.founder);
    let field = async |form: FactForm| match service.add_fact(ada, form).await {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(form("  ")).await, "text");
    assert_eq!(field(form("a\u{202e}b")).await, "text");
    assert_eq!(field(FactForm { kind: "rumour".to_owned(), ..form("x") }).await, "kind");
    assert_eq!(field(FactForm { until: Some(Millis(1)), ..form("x") }).await, "until");
    let nobody = ContextFactId(uuid::Uuid::from_u128(7));
    assert!(matches!(service.change_fact(ada, nobody, form("x")).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_fact_that_comes_after_a_brief_is_marked_on_it_until_a_newer_version_knows_it() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let (service, ada) = (&place.desk.service, &place.desk.founder);
    let used = service.add_fact(ada, form("Oslo was promised Monday")).await.unwrap();
    let mut payload = ceo.payload("q");
    payload["facts"] = json!([used.to_string()]);
    let row = place.open(&ceo, &payload).await;
    let view = place.brief(&row.id).await;
    assert_eq!(view.facts.iter().map(|fact| (fact.is_used, fact.is_late)).collect::<Vec<_>>(), [(true, false)]);
    service.change_fact(ada, used, form("Oslo was promised nothing")).await.unwrap();
    let added = service.add_fact(ada, form("Nothing changes in December")).await.unwrap();
    let late = place.brief(&row.id).await;
    let mut marks: Vec<_> = late.facts.iter().map(|fact| (fact.id.clone(), fact.is_used, fact.is_late)).collect();
    marks.sort_by_key(|(_, is_used, _)| !is_used);
    assert_eq!(marks, [(used.to_string(), true, true), (added.to_string(), false, true)]);
    payload["facts"] = json!([used.to_string(), added.to_string()]);
    let newer = place.open(&ceo, &payload).await;
    let view = place.brief(&newer.id).await;
    assert_eq!((view.row.version, view.facts.len()), (2, 2));
    assert!(view.facts.iter().all(|fact| fact.is_used && !fact.is_late), "{:?}", view.facts);
    assert!(view.difference.iter().any(|change| change.what == "facts"), "{:?}", view.difference);
    service.withdraw_fact(ada, added).await.unwrap();
    let view = place.brief(&newer.id).await;
    assert!(view.facts.iter().any(|fact| fact.withdrawn && fact.is_late), "{:?}", view.facts);
    payload["brief"] = json!("other");
    ceo.send(&payload).await;
    let told = ceo.told("brief_rejected").await;
    assert_eq!(
        (&told["faults"][0]["rule"], &told["faults"][0]["pointer"]),
        (&json!("no_such_fact"), &json!("/facts/1"))
    );
}
