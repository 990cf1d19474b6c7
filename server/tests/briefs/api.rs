//! Briefs over the API: by an agent's token, by a person's, and by the SDK.

use crate::{
    harness::{api::Program, eventually, web},
    place::{Author, Place, in_hours},
};
use countersign_agent::{Agent, Brief, BriefOption, Choice, Evidence, Raised, Recommendation};
use countersign_domain::api_token::Scope;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use std::time::Duration;

async fn post(place: &Place, token: &str, body: &str) -> web::Answer {
    web::post(&place.server.addresses.console, "/briefs", Some(token), body).await
}

async fn token(place: &Place, author: &Author) -> String {
    web::token(&place.server.addresses.console, &author.agent.creds).await
}

fn rules(answer: &Value) -> Vec<(&str, &str)> {
    let one =
        |fault: &'_ Value| (fault["rule"].as_str().unwrap().to_owned(), fault["pointer"].as_str().unwrap().to_owned());
    let list: Vec<_> = answer["faults"].as_array().unwrap().iter().map(one).collect();
    Box::leak(list.into_boxed_slice()).iter().map(|(rule, pointer)| (rule.as_str(), pointer.as_str())).collect()
}

#[tokio::test]
async fn an_agent_asks_over_the_api_once_however_often_it_says_so() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let token = token(&place, &ceo).await;
    let mut payload = ceo.payload("q");
    let first = post(&place, &token, &payload.to_string()).await;
    assert_eq!((first.status, first.json["outcome"].as_str()), (201, Some("new")), "{first:?}");
    let again = post(&place, &token, &payload.to_string()).await;
    assert_eq!((again.status, again.json["outcome"].as_str()), (200, Some("same")), "{again:?}");
    for field in ["brief_id", "version", "sha256"] {
        assert_eq!(first.json[field], again.json[field], "{field}");
    }
    // The bus is the same way by another road.
    ceo.send(&payload).await;
    eventually("the event is dealt with", async || {
        let (same,): (i64,) = sqlx::query_as("select count(*) from brief_intake where outcome = 'same' and epoch >= 0")
            .fetch_one(&mut place.owner)
            .await
            .map_err(|error| error.to_string())?;
        if same == 1 { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
    payload["options"][0]["cost_usd"] = json!(80);
    let newer = post(&place, &token, &payload.to_string()).await;
    assert_eq!((newer.status, newer.json["version"].as_u64()), (201, Some(2)), "{newer:?}");
    let rows = place.inbox().await.rows;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].author.as_str(), rows[0].version, &rows[0].written_by), ("ceo", 2, &None));
    place.decide(&rows[0], "B").await.unwrap();
    place.made(&rows[0].id).await;
    assert_eq!(ceo.told("decision_made").await["choice"]["key"], "B");
    let decided = post(&place, &token, &ceo.payload("q").to_string()).await;
    assert_eq!(rules(&decided.json), [("already_decided", "/brief")]);
}

#[tokio::test]
async fn what_cannot_be_decided_is_answered_with_all_reasons_and_no_task_follows() {
    let mut place = Place::start().await;
    let (ceo, cto) = (place.author("ceo").await, place.author("cto").await);
    let token = token(&place, &ceo).await;
    let mut payload = ceo.payload("q");
    payload["title"] = json!("<b>Now</b>");
    payload["evidence"][0]["sha256"] = json!(cto.sha256);
    payload["decision"] = json!("A");
    let refused = post(&place, &token, &payload.to_string()).await;
    assert_eq!(refused.refusal(), (422, "refused"), "{refused:?}");
    let wanted = [("decides_itself", "/decision"), ("evidence_unsound", "/evidence/0/sha256"), ("html", "/title")];
    assert_eq!(rules(&refused.json), wanted, "another agent's artifact is none of one's own");
    assert_eq!(rules(&post(&place, &token, "{").await.json), [("not_json", "")]);
    assert!(ceo.hears_nothing(Duration::from_secs(2)).await);
    assert_eq!(place.inbox().await.rows, []);
    assert_eq!(place.number("select count(*) from brief_intake where outcome = 'refused'").await, 2);
    assert_eq!(place.entries("brief.refused").await.len(), 2, "each is counted, as one of the bus is");
    // An event that waits on the bus is still read, however late it is.
    place.open(&ceo, &ceo.payload("bus")).await;
}

#[tokio::test]
async fn a_persons_token_asks_in_the_peoples_name_and_decides_nothing() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let console = place.server.addresses.console.clone();
    let program = Program::new(&place.server, place.desk.token(&[Scope::Briefs]).await);
    let asked = program.post("/briefs", &ceo.payload("q").to_string()).await;
    assert_eq!(asked.status, 201, "{asked:?}");
    let row = place.inbox().await.rows.remove(0);
    assert_eq!((row.author.as_str(), row.written_by.as_deref()), ("founder", Some("Ada")));
    let lacking = Program::new(&place.server, place.desk.token(&[Scope::Read, Scope::Tasks]).await);
    assert_eq!(lacking.post("/briefs", &ceo.payload("q2").to_string()).await.refusal(), (403, "out_of_scope"));
    assert_eq!(web::post(&console, "/briefs", None, "{}").await.refusal(), (401, "unproven"));
    assert_eq!(web::post(&console, "/briefs", Some("nobody's"), "{}").await.refusal(), (401, "unproven"));
    for path in ["/briefs/decide", &format!("/briefs/{}/decide", row.id), &format!("/briefs/{}", row.id)] {
        assert_eq!(program.post(path, "{}").await.status, 404, "{path}");
    }
    assert_eq!(place.number("select count(*) from decision").await, 0);
    // Nor does the database take a text for one that it is not.
    for sql in [
        "insert into brief_version select tenant_id, brief_id, 2, sha256, text, score, reading_s, at_ms, null from brief_version",
        "update brief_version set person_id = null",
    ] {
        let mut web = PgConnection::connect_with(&place.server.owner()).await.unwrap();
        sqlx::raw_sql("set role countersign_web").execute(&mut web).await.unwrap();
        sqlx::query("select set_config('app.tenant', $1, false)")
            .bind(place.desk.founder.tenant.0.to_string())
            .execute(&mut web)
            .await
            .unwrap();
        assert!(sqlx::query(sql).execute(&mut web).await.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn the_sdk_hears_at_once_what_came_of_a_brief_and_then_what_was_decided() {
    let place = Place::start().await;
    let ceo = place.author("ceo").await;
    let bus = Agent::connect(&place.server.addresses.bus, "ceo".parse().unwrap(), &ceo.agent.creds).await.unwrap();
    let agent = bus.workspace(&place.server.addresses.console).unwrap();
    let option = |key: &str, title: &str| BriefOption {
        key: key.to_owned(),
        title: title.to_owned(),
        consequence: "Something comes of it.".to_owned(),
        cost_usd: 5.48,
        effort: None,
        reversible: true,
        risk: Some("low".to_owned()),
    };
    let mut brief = Brief {
        brief: "sdk".to_owned(),
        title: "Friday".to_owned(),
        question: "Do we roll out today?".to_owned(),
        category: "deploy".to_owned(),
        context_md: String::new(),
        options: vec![option("A", "Go"), option("B", "Wait")],
        recommendation: Recommendation { key: "C".to_owned(), why: "It is late.".to_owned(), confidence: 0.82 },
        evidence: vec![Evidence { sha256: ceo.sha256.clone(), title: "Rates".to_owned() }],
        deadline: in_hours(48),
        at_deadline: "none".to_owned(),
        input_needed: "Whether anybody is awake".to_owned(),
        correlation_id: None,
    };
    let Raised::Refused(refused) = agent.raise_brief(&brief).await.unwrap() else { panic!("taken") };
    assert_eq!((refused.faults[0].rule.as_str(), refused.faults.len()), ("no_such_option", 1), "{refused:?}");
    brief.recommendation.key = "B".to_owned();
    let Raised::Taken(taken) = agent.raise_brief(&brief).await.unwrap() else { panic!("refused") };
    assert_eq!((taken.outcome.as_str(), taken.version), ("new", 1));
    assert_eq!(bus.raise_brief(&brief).await.unwrap(), Raised::Sent);
    let row = place.inbox().await.rows.remove(0);
    assert_eq!((&row.id, &row.sha256), (&taken.brief_id, &taken.sha256));
    place.decide(&row, "A").await.unwrap();
    let mut tasks = bus.tasks().await.unwrap();
    let task = tasks.next().await.unwrap().unwrap();
    let decided = task.decision().expect("the decision");
    assert_eq!((decided.brief.as_str(), decided.decided_by.as_deref()), ("sdk", Some("Ada")));
    assert_eq!(decided.choice, Choice::Option { key: "A".to_owned(), title: "Go".to_owned() });
    assert!(task.refused_brief().is_none() && task.brief_question().is_none());
    task.succeed(json!({}), &[], None).await.unwrap();
}
