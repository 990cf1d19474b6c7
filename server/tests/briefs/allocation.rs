//! What each agent gets: changed by a founder's decision, and by nothing else.

use crate::{
    harness::{api::Program, eventually, web},
    place::{Author, Place, now},
};
use countersign_domain::{api_token::Scope, reading::AllocationView};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

fn share(weight: u32, usd: f64) -> Value {
    json!({ "weight": weight, "usd_per_day": usd })
}

/// A brief about the agents' shares, with an allocation in option A alone.
fn about(author: &Author, name: &str, allocation: Value) -> Value {
    let mut payload = author.payload(name);
    payload["category"] = json!("resource_allocation");
    payload["options"][0]["allocation"] = allocation;
    payload
}

async fn read(place: &Place) -> AllocationView {
    place.desk.service.read_allocation(&place.desk.founder).await.unwrap()
}

fn weights(read: &AllocationView) -> Vec<(&str, u32, Option<i64>)> {
    read.shares.iter().map(|share| (share.agent.as_str(), share.weight, share.budget_micro_usd)).collect()
}

#[tokio::test]
async fn a_decision_changes_what_each_agent_gets_when_it_counts_and_everybody_hears_of_it() {
    let mut place = Place::start().await;
    let (ceo, cto) = (place.author("ceo").await, place.author("cto").await);
    let before = read(&place).await;
    assert!(before.decided.is_empty() && before.shares.iter().all(|share| share.is_of_role));
    assert_eq!(before.shares.iter().map(|share| share.weight).collect::<Vec<_>>(), [500, 500]);
    let payload = about(&ceo, "shares", json!({ "ceo": share(250, 5.48), "cto": share(750, 20.0) }));
    let row = place.open(&ceo, &payload).await;
    let view = place.brief(&row.id).await;
    let words = "ceo 25 % and $5.48 a day, cto 75 % and $20.00 a day";
    assert_eq!((view.options[0].allocation.as_deref(), &view.options[1].allocation), (Some(words), &None));
    let held = place.decide(&row, "A").await.unwrap();
    assert_eq!(read(&place).await, before, "while it is held nothing has changed");
    place.made(&row.id).await;
    let after = read(&place).await;
    assert_eq!(weights(&after), [("ceo", 250, Some(5_480_000)), ("cto", 750, Some(20_000_000))]);
    assert_eq!((after.decided.len(), after.decided[0].by.as_str()), (1, "Ada"));
    assert_eq!(after.decided[0].decision, held.decision);
    assert_eq!(after.decided[0].words, words);
    let told = place.heard("allocation.changed").await;
    assert_eq!((told["shares"]["cto"]["weight"].as_u64(), told["decided_by"].as_str()), (Some(750), Some("Ada")));
    assert_eq!(told["decision"], json!(held.decision));
    let entries = place.entries("allocation.changed").await;
    assert_eq!((entries.len(), entries[0]["shares"]["ceo"]["budget_micro_usd"].as_i64()), (1, Some(5_480_000)));
    // Agents and programs read it.
    let console = &place.server.addresses.console;
    let token = web::token(console, &cto.agent.creds).await;
    let auth = format!("Bearer {token}");
    let seen = web::ask(console, "GET", "/api/v1/allocation", &[("Authorization", auth.as_str())], "").await;
    assert_eq!((seen.status, seen.json["shares"][1]["weight"].as_u64()), (200, Some(750)), "{seen:?}");
    let program = Program::new(&place.server, place.desk.token(&[Scope::Read]).await);
    assert_eq!(program.get("/allocation").await.json, seen.json);
    // A later decision without an allocation leaves it as it is; one with another one takes its place.
    let row = place.open(&ceo, &about(&ceo, "again", json!({ "cto": share(1000, 1.0) }))).await;
    place.decide(&row, "B").await.unwrap();
    place.made(&row.id).await;
    assert_eq!(weights(&read(&place).await), weights(&after));
    let row = place.open(&ceo, &about(&ceo, "third", json!({ "cto": share(1000, 1.0) }))).await;
    place.decide(&row, "A").await.unwrap();
    place.made(&row.id).await;
    let last = read(&place).await;
    assert_eq!(
        last.shares.iter().map(|share| share.weight).collect::<Vec<_>>(),
        [0, 1000],
        "who is not named gets nothing"
    );
    assert_eq!(last.decided.len(), 2);
}

#[tokio::test]
async fn an_answer_of_ones_own_a_rejection_and_what_was_taken_back_change_nothing() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let before = read(&place).await;
    for (name, choice) in [("own", "own"), ("none", "none")] {
        let row = place.open(&ceo, &about(&ceo, name, json!({ "ceo": share(1000, 1.0) }))).await;
        let mut word = Place::word(&row, choice);
        if choice == "own" {
            word.answer = "Give it all to the CEO.".to_owned();
        }
        place.desk.service.decide_brief(&place.desk.proven(), word).await.unwrap();
        place.made(&row.id).await;
    }
    let row = place.open(&ceo, &about(&ceo, "back", json!({ "ceo": share(1000, 1.0) }))).await;
    let held = place.decide(&row, "A").await.unwrap();
    place.desk.service.undo_decision(&place.desk.founder, held.decision.parse().unwrap()).await.unwrap();
    assert_eq!(read(&place).await, before);
    assert_eq!(place.number("select count(*) from allocation").await, 0);
}

#[tokio::test]
async fn no_role_of_the_database_writes_an_allocation_and_its_owner_none_that_was_not_decided() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &about(&ceo, "q", json!({ "ceo": share(1000, 1.0) }))).await;
    let held = place.decide(&row, "A").await.unwrap();
    let tenant = place.desk.founder.tenant.0;
    let insert = |agent: &str, weight: u32, budget: i64, at: &str| {
        format!(
            "insert into allocation (tenant_id, decision_id, agent, weight, budget_micro_usd, at_ms)
             values ('{tenant}', '{}', '{agent}', {weight}, {budget}, {at})",
            held.decision
        )
    };
    let right = insert("ceo", 1000, 1_000_000, "(select ended_ms from decision limit 1)");
    let mut connection = PgConnection::connect_with(&place.server.owner()).await.unwrap();
    let mut refused = async |role: &str, sql: &str| {
        let script = format!("begin; set local app.tenant = '{tenant}'; {role} {sql}; rollback");
        let outcome = sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut connection).await;
        let _ = sqlx::raw_sql("rollback").execute(&mut connection).await;
        let error = outcome.err().unwrap_or_else(|| panic!("{role} {sql}"));
        error.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap_or_default().into_owned()
    };
    assert_eq!(
        refused("", &insert("ceo", 1000, 1_000_000, &now().0.to_string())).await,
        "23514",
        "it is held, not made"
    );
    place.made(&row.id).await;
    for role in ["web", "bridge", "agent", "keeper"] {
        let role = format!("set local role countersign_{role};");
        for sql in [right.as_str(), "update allocation set weight = 1", "delete from allocation", "truncate allocation"]
        {
            assert_eq!(refused(&role, sql).await, "42501", "{role} {sql}");
        }
    }
    for sql in [
        insert("cto", 0, 0, "(select ended_ms from decision limit 1)"),
        insert("ceo", 999, 1_000_000, "(select ended_ms from decision limit 1)"),
        "update allocation set weight = 999".to_owned(),
        "update allocation set budget_micro_usd = 2".to_owned(),
        "update allocation set agent = 'cto'".to_owned(),
    ] {
        assert_eq!(refused("", &sql).await, "23514", "{sql}");
    }
    assert_eq!(weights(&read(&place).await), [("ceo", 1000, Some(1_000_000))]);
}

#[tokio::test]
async fn an_allocation_about_agents_that_there_are_not_goes_back() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    ceo.send(&about(&ceo, "q", json!({ "ceo": share(500, 1.0), "nobody": share(400, 1.0) }))).await;
    let told = ceo.told("brief_rejected").await;
    let rules: Vec<_> =
        told["faults"].as_array().unwrap().iter().map(|fault| fault["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["allocation", "no_such_agent"]);
    eventually(
        "nothing waits",
        async || {
            if place.inbox().await.rows.is_empty() { Ok(()) } else { Err("a brief".to_owned()) }
        },
    )
    .await;
}
