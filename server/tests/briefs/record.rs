//! The record of a decision: read at its address, taken along as files, found again, and looked back on.

use crate::{
    harness::{
        api::Program,
        ask::{Answer, FORM, ask},
        eventually,
    },
    place::{Author, Place, conflict, now},
};
use countersign_domain::{
    Actor, DecisionId, How, Millis, Role, Via,
    brief::{DecisionState, Outcome},
    reading::{BriefRow, DecisionQuery, DecisionTurn, EvidenceCheck, OutcomeFilter, Who, WholeDecision},
};
use countersign_service::{BriefWord, Error};
use serde_json::{Value, json};

/// Decides as the founder, and waits until it counts.
async fn decided(place: &Place, word: BriefWord) -> DecisionId {
    let brief = word.brief.to_string();
    let held = place.desk.service.decide_brief(&place.desk.proven(), word).await.unwrap();
    place.made(&brief).await;
    held.decision.parse().unwrap()
}

async fn whole(place: &Place, id: DecisionId) -> WholeDecision {
    place.desk.service.read_decision(&place.desk.founder, id).await.unwrap()
}

async fn found(place: &Place, query: DecisionQuery) -> Vec<String> {
    let log = place.desk.service.read_decisions(&place.desk.founder, &query, DecisionTurn::Newest).await.unwrap();
    assert_eq!(log.counts.all, log.rows.len() as u64, "{log:?}");
    log.rows.into_iter().map(|row| row.title).collect()
}

/// With a prediction, and a day to look back that comes as soon as it counts.
fn predicted(row: &BriefRow, choice: &str) -> BriefWord {
    BriefWord {
        prediction: "No call from Oslo".to_owned(),
        check_at: Some(Millis(now().0 + 10_500)),
        ..Place::word(row, choice)
    }
}

fn get(place: &Place, path: &str, cookie: &str) -> Answer {
    ask(&place.server, "GET", path, &[("Cookie", cookie), ("Accept", "text/html")], "")
}

/// A task of another agent in the trace, which succeeds.
async fn follow(place: &Place, author: &Author, trace: &str) {
    let payload = json!({"task": "Roll it out <b>", "correlation_id": trace}).to_string();
    author.bus.publish(&format!("tasks.{}.rollout", author.name), &[], payload).await.unwrap();
    loop {
        let message = author.bus.take_task().await;
        let is_it = message.subject.ends_with("rollout");
        message.ack().await.unwrap();
        if is_it {
            break;
        }
    }
    eventually("the task is done", async || {
        let query = countersign_domain::reading::TaskQuery {
            trace: Some(trace.to_owned()),
            kind: Some("rollout".to_owned()),
            state: vec![countersign_domain::task::TaskState::Succeeded],
            ..Default::default()
        };
        let page = place.desk.service.search_tasks(&place.desk.founder, &query).await.map_err(|e| e.to_string())?;
        if page.rows.len() == 1 { Ok(()) } else { Err(format!("{:?}", page.rows)) }
    })
    .await;
}

#[tokio::test]
async fn a_decision_keeps_its_address_with_what_was_known_and_what_followed() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let mut payload = ceo.payload("q");
    payload["title"] = json!("Friday *now* [x](javascript:1)");
    payload["options"][1]["consequence"] = json!("Two | customers `wait` until # Monday.");
    let row = place.open(&ceo, &payload).await;
    let held = place.desk.service.decide_brief(&place.desk.proven(), predicted(&row, "B")).await.unwrap();
    let id: DecisionId = held.decision.parse().unwrap();
    let early = whole(&place, id).await;
    assert_eq!((early.decision.state, early.entry, early.may_look_back), (DecisionState::Held, None, false));
    assert!(early.faults.is_empty(), "{:?}", early.faults);
    let service = &place.desk.service;
    assert!(conflict(service.look_back(&place.desk.proven(), id, "right", "").await).contains("counts"));
    let cookie = place.desk.cookie().await;
    assert_eq!(get(&place, &format!("/t/acme/decisions/{id}/receipt.json"), &cookie).status, 404, "it is held");
    place.made(&row.id).await;
    follow(&place, &ceo, "trace-q").await;

    let record = whole(&place, id).await;
    assert!(record.faults.is_empty() && !record.decision.is_damaged, "{:?}", record.faults);
    assert_eq!((record.brief.sha256.as_str(), record.brief.version), (row.sha256.as_str(), 1));
    assert_eq!((record.decision.by.as_deref(), record.decision.how.as_str()), (Some("Ada"), "password"));
    assert_eq!((record.from.as_deref(), record.rule.as_deref()), (Some("127.0.0.1"), Some("founder/1")));
    assert!(record.key.is_none() && record.unsigned.as_deref().unwrap().contains("without a passkey"));
    assert_eq!((record.evidence[0].check, record.follows), (EvidenceCheck::Verified, true));
    let entry = place.number("select seq from journal where kind = 'brief.decided'").await;
    assert_eq!(record.entry, Some(entry.unsigned_abs()));
    let followed = &record.followed;
    assert_eq!((followed.count, followed.done, followed.failed, followed.open), (1, 1, 0, 0), "{followed:?}");
    assert_eq!(followed.told.as_ref().map(|task| task.kind.as_str()), Some("decision_made"));

    let page = get(&place, &format!("/t/acme/decisions/{id}"), &cookie);
    assert_eq!(page.status, 200);
    for part in [
        "Do we roll out today?",
        "B: Wait",
        "Hash verified",
        "No call from Oslo",
        "127.0.0.1",
        "Roll it out &lt;b&gt;",
        "Chosen",
        "1 of 1 task done",
        "/verify",
        &format!("/t/acme/journal/{entry}"),
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }

    let file = get(&place, &format!("/t/acme/decisions/{id}.md"), &cookie);
    assert!(
        file.head.contains(&format!("content-disposition: attachment; filename=\"decision-{id}.md\"")),
        "{}",
        file.head
    );
    for part in [
        r"Friday \*now\* \[x\]\(javascript\:1\)",
        r"Two \| customers \`wait\` until \# Monday.",
        r"Roll it out \<b\>",
        &row.sha256,
        "its bytes have this hash",
        &format!("/t/acme/decisions/{id}`"),
    ] {
        assert!(file.body.contains(part), "{part}: {}", file.body);
    }
    let file = get(&place, &format!("/t/acme/decisions/{id}.json"), &cookie);
    assert!(file.head.contains("content-type: application/json") && file.head.contains("attachment"), "{}", file.head);
    let json: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!((json["answer"].as_str(), json["followed"]["succeeded"].as_u64()), (Some("B"), Some(1)), "{json}");
    let file = get(&place, &format!("/t/acme/decisions/{id}/receipt.json"), &cookie);
    assert!(file.head.contains(&format!("filename=\"receipt-{id}.json\"")), "{}", file.head);
    let kept = place.desk.service.decision_receipt(&place.desk.founder, id).await.unwrap();
    assert_eq!(file.body.as_bytes(), kept, "byte for byte");

    let eve = place.organization(77, "other").await;
    assert!(matches!(place.desk.service.read_decision(&eve, id).await, Err(Error::NotFound)));
    let late = place.desk.service.look_back(&eve, id, "wrong", "").await;
    assert!(matches!(late, Err(Error::NotFound)), "{late:?}");
}

#[tokio::test]
async fn a_row_that_somebody_changed_says_so_first() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let id = decided(&place, Place::word(&row, "B")).await;
    let mut silent = ceo.payload("s");
    silent["at_deadline"] = json!("A");
    let quiet = place.open(&ceo, &silent).await;
    place.desk.service.set_brief_policy(&place.desk.proven(), "deploy", false, "as_declared", "Small").await.unwrap();
    place.let_pass(&quiet.id).await;
    let by_silence: DecisionId = place.made(&quiet.id).await.decision.unwrap().id.parse().unwrap();
    let record = whole(&place, by_silence).await;
    assert!(record.faults.is_empty() && record.decision.by.is_none(), "{:?}", record.faults);
    assert!(!record.follows && record.unsigned.unwrap().contains("Nobody said anything"));
    for (decision, change) in [(id, "rationale = 'It is dear.'"), (by_silence, "answer = 'B'")] {
        place.sql(&format!("update decision set {change} where id = '{decision}'")).await;
        let record = whole(&place, decision).await;
        assert!(
            record.decision.is_damaged && record.faults.iter().any(|fault| fault.contains("journal")),
            "{:?}",
            record.faults
        );
    }
    let cookie = place.desk.cookie().await;
    let page = get(&place, &format!("/t/acme/decisions/{id}"), &cookie);
    let (alarm, question) = (page.body.find("record-damaged").unwrap(), page.body.find("<h1").unwrap());
    assert!(alarm < question, "{}", page.body);
    let file = get(&place, &format!("/t/acme/decisions/{id}.md"), &cookie);
    assert!(file.body.contains("**What is kept of this decision was changed.**"), "{}", file.body);

    // A text that cannot be read hides no other decision, and is not left out quietly.
    place
        .sql(&format!(
            "set session_replication_role = replica;
             update brief_version set text = convert_to('nonsense', 'utf8'), sha256 = sha256(convert_to('nonsense', 'utf8'))
             where brief_id = '{}';
             set session_replication_role = origin;",
            row.id
        ))
        .await;
    let service = &place.desk.service;
    let log =
        service.read_decisions(&place.desk.founder, &DecisionQuery::default(), DecisionTurn::Newest).await.unwrap();
    let rows: Vec<_> = log.rows.iter().map(|row| (row.id.parse::<DecisionId>().unwrap(), row.is_damaged)).collect();
    assert_eq!(rows, [(by_silence, false), (id, true)]);
    let ledger = service.read_track_record(&place.desk.founder).await.unwrap();
    assert_eq!((ledger.decisions, ledger.damaged), (1, 1));
    assert!(get(&place, "/t/acme/ledger", &cookie).body.contains("1 decision is left out"));
    let list = get(&place, "/t/acme/decisions", &cookie).body;
    assert!(list.contains("decision-damaged") && list.contains("This decision cannot be read"), "{list}");
    for (path, cell) in [("csv", "cannot be read"), ("jsonl", r#""damaged":true"#)] {
        let file = get(&place, &format!("/t/acme/decisions.{path}"), &cookie).body;
        assert!(file.contains(cell) && file.contains(&id.to_string()), "{file}");
    }
    let found = get(&place, "/t/acme/decisions?text=today%00", &cookie);
    assert!(found.status == 200 && found.body.contains(&by_silence.to_string()), "{}", found.body);
}

#[tokio::test]
async fn what_was_decided_is_found_by_its_words_and_by_who_how_and_when() {
    let place = Place::start().await;
    let (ceo, cto) = (place.author("ceo").await, place.author("cto").await);
    let cookie = place.desk.cookie().await;
    assert!(get(&place, "/t/acme/decisions", &cookie).body.contains("Nothing was decided yet"));
    assert!(get(&place, "/t/acme/ledger", &cookie).body.contains("Nothing was decided yet"));
    let mut rows = Vec::new();
    for (author, name, category) in [(&ceo, "first", "deploy"), (&cto, "second", "deploy"), (&ceo, "third", "hiring")] {
        let mut payload = author.payload(name);
        payload["category"] = json!(category);
        rows.push(place.open(author, &payload).await);
    }
    let overview = get(&place, "/t/acme", &cookie);
    assert!(overview.body.contains("3 briefs wait for your decision"), "without script: {}", overview.body);
    assert!(!overview.body.contains("Nothing waits for you"));
    let mut ids = Vec::new();
    for (row, choice) in rows.iter().zip(["A", "B", "none"]) {
        let word = BriefWord { rationale: format!("Because of {choice} %"), ..Place::word(row, choice) };
        let held = place.desk.service.decide_brief(&place.desk.proven(), word).await.unwrap();
        ids.push(held.decision);
    }
    for row in &rows {
        place.made(&row.id).await;
    }
    let all = |query: DecisionQuery| found(&place, query);
    let none = DecisionQuery::default;
    assert_eq!(all(none()).await.len(), 3);
    for (query, titles) in [
        (DecisionQuery { text: Some("SECOND".to_owned()), ..none() }, vec!["Deployment second"]),
        (DecisionQuery { text: Some("because of none %".to_owned()), ..none() }, vec!["Deployment third"]),
        (DecisionQuery { text: Some("of _ %".to_owned()), ..none() }, vec![]),
        (DecisionQuery { category: Some("hiring".to_owned()), ..none() }, vec!["Deployment third"]),
        (DecisionQuery { agent: Some("cto".to_owned()), ..none() }, vec!["Deployment second"]),
        (DecisionQuery { who: Some(Who::Server), ..none() }, vec![]),
        (DecisionQuery { signed: Some(true), ..none() }, vec![]),
        (DecisionQuery { to: Some(Millis(now().0 - 3_600_000)), ..none() }, vec![]),
        (DecisionQuery { outcome: Some(OutcomeFilter::Due), ..none() }, vec![]),
    ] {
        assert_eq!(all(query.clone()).await, titles, "{query:?}");
    }
    let founder = place.desk.founder.person;
    for query in [
        DecisionQuery { who: Some(Who::Person(founder)), ..none() },
        DecisionQuery { signed: Some(false), ..none() },
        DecisionQuery { from: Some(Millis(now().0 - 3_600_000)), ..none() },
        DecisionQuery { outcome: Some(OutcomeFilter::Never), ..none() },
    ] {
        assert_eq!(all(query.clone()).await.len(), 3, "{query:?}");
    }
    let page = get(&place, "/t/acme/decisions?text=second&agent=cto", &cookie);
    assert!(page.body.contains("1 decision found: 1 unsigned") && page.body.contains(&ids[1]), "{}", page.body);
    assert!(!page.body.contains(&ids[0]), "{}", page.body);
    let csv = get(&place, "/t/acme/decisions.csv?category=deploy", &cookie);
    assert!(csv.head.contains("filename=\"acme-decisions.csv\"") && csv.head.contains("text/csv"), "{}", csv.head);
    assert_eq!((csv.body.lines().count(), csv.body.contains("Because of B %")), (3, true), "{}", csv.body);
    let jsonl = get(&place, "/t/acme/decisions.jsonl", &cookie).body;
    let lines: Vec<Value> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), lines[0]["decided_by"].as_str()), (3, Some("Ada")));
    assert!(get(&place, "/t/acme/decisions?text=nowhere", &cookie).body.contains("No decision matches"));
    let ledger = get(&place, "/t/acme/ledger", &cookie).body;
    for part in
        [r#"data-agent="ceo" data-category="deploy""#, "No numbers support a grant yet", "<circle", "0.80 to 0.89"]
    {
        assert!(ledger.contains(part), "{part}: {ledger}");
    }

    let program: Program = place.desk.program(&place.server).await;
    let list = program.get("/decisions?text=second").await;
    assert_eq!((list.status, list.json["count"].as_u64()), (200, Some(1)), "{list:?}");
    assert_eq!(list.json["decisions"][0]["id"].as_str(), Some(ids[1].as_str()));
    let one = program.get(&format!("/decisions/{}", ids[1])).await;
    assert_eq!((one.status, one.json["decided_by"].as_str()), (200, Some("Ada")), "{one:?}");
    for wrong in ["?decided_by=me", "?outcome=fine", "?from=yesterday", "?colour=red"] {
        assert_eq!(program.get(&format!("/decisions{wrong}")).await.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn pages_of_decisions_meet_without_a_gap() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let id = decided(&place, Place::word(&row, "B")).await;
    // As many as two pages and one more, most of them of the very same moment.
    place
        .sql(&format!(
            "set session_replication_role = replica;
             insert into brief (tenant_id, id, author, name, version, sha256, category, opened_ms, deadline_ms, state)
                 select tenant_id, ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, author, 'n' || n, version,
                        sha256, category, opened_ms, deadline_ms, state
                 from brief, generate_series(1, 100) n where id = '{0}';
             insert into brief_version select tenant_id, ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid,
                        version, sha256, text, score, reading_s, at_ms
                 from brief_version, generate_series(1, 100) n where brief_id = '{0}';
             insert into decision (tenant_id, id, brief_id, version, sha256, choice, answer, rationale, prediction, policy,
                                   how, proven_ms, at_ms, held_ms, said_key, state, ended_ms)
                 select tenant_id, gen_random_uuid(), ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, version,
                        sha256, choice, answer, '', '', 'recommended', 'silence', at_ms, at_ms, at_ms, 'silence', 'made',
                        ended_ms - n / 90
                 from decision, generate_series(1, 100) n where id = '{id}';
             set session_replication_role = origin;",
            row.id
        ))
        .await;
    let read = async |turn| {
        place.desk.service.read_decisions(&place.desk.founder, &DecisionQuery::default(), turn).await.unwrap()
    };
    let first = read(DecisionTurn::Newest).await;
    let second = read(DecisionTurn::Older(first.older.unwrap())).await;
    let third = read(DecisionTurn::Older(second.older.unwrap())).await;
    let pages = [&first, &second, &third];
    assert_eq!(pages.map(|page| page.rows.len()), [50, 50, 1]);
    let mut seen: Vec<&str> = pages.iter().flat_map(|page| &page.rows).map(|row| row.id.as_str()).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 101);
    let back = read(DecisionTurn::Newer(third.newer.unwrap())).await;
    assert_eq!(back.rows, second.rows);
    assert_eq!((first.counts.all, first.counts.unsigned, first.counts.by_silence), (101, 1, 100));
    let cookie = place.desk.cookie().await;
    assert_eq!(get(&place, "/t/acme/decisions.jsonl", &cookie).body.lines().count(), 101, "whole, over all pages");
    let program = place.desk.program(&place.server).await;
    let list = program.get("/decisions").await;
    let next = program.get(&format!("/decisions?cursor={}", list.json["next"].as_str().unwrap())).await;
    assert_eq!(next.json["decisions"][0]["id"].as_str(), Some(second.rows[0].id.as_str()));
    assert_eq!(
        program.get(&format!("/decisions?agent=ceo&cursor={}", list.json["next"].as_str().unwrap())).await.status,
        422
    );
}

#[tokio::test]
async fn a_decision_comes_back_on_its_day_and_what_is_found_stands_beside_it() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let row = place.open(&ceo, &ceo.payload("q")).await;
    let id = decided(&place, predicted(&row, "B")).await;
    let due = eventually("its day has come", async || {
        let inbox = place.inbox().await;
        if inbox.counts.look_back == 1 { Ok(inbox.look_backs) } else { Err(format!("{:?}", inbox.counts)) }
    })
    .await;
    assert_eq!((due[0].decision.as_str(), due[0].prediction.as_str()), (id.to_string().as_str(), "No call from Oslo"));
    let cookie = place.desk.cookie().await;
    assert!(get(&place, "/t/acme/inbox", &cookie).body.contains("Look back: 1"));
    let before = place.number("select hashtext(d::text)::bigint from decision d").await;

    // Put off, it is gone until then.
    let (service, ada) = (place.desk.service.clone(), place.desk.proven());
    let later = Millis(now().0 + 48 * 3_600_000);
    assert!(matches!(
        service.postpone_look_back(&ada, id, Millis(1)).await,
        Err(Error::Invalid { field: "until", .. })
    ));
    service.postpone_look_back(&ada, id, later).await.unwrap();
    service.postpone_look_back(&ada, id, later).await.expect("the same again is said once");
    assert_eq!(place.inbox().await.counts.look_back, 0);
    assert_eq!(whole(&place, id).await.look_back.check_at, Some(later));
    place.hours_pass(47).await;
    assert_eq!(place.inbox().await.counts.look_back, 0);
    place.hours_pass(1).await;
    assert_eq!(place.inbox().await.counts.look_back, 1);

    // Only a founder says it, as a person.
    let observer = place.member(31, "Bob", Role::Observer).await;
    let reviewer = place.member(32, "Rita", Role::Reviewer).await;
    for other in [observer, reviewer] {
        assert!(matches!(service.look_back(&other, id, "right", "").await, Err(Error::Forbidden(Role::Founder))));
    }
    let scopes = Some(countersign_domain::api_token::Scope::ALL.to_vec());
    let token = Actor { scopes, via: Via::new(How::Token, ""), ..ada.clone() };
    assert!(matches!(service.look_back(&token, id, "right", "").await, Err(Error::OutOfScope(_))));
    assert!(matches!(service.look_back(&ada, id, "fine", "").await, Err(Error::Invalid { field: "outcome", .. })));
    assert!(matches!(
        service.look_back(&ada, id, "right", "\u{202e}").await,
        Err(Error::Invalid { field: "note", .. })
    ));
    let form = format!("tenant=acme&decision={id}&outcome=partly&note=One+call&act=%2Fapi%2Fdecision%2Flook_back");
    let headers = [("Cookie", cookie.as_str()), FORM, ("Accept", "text/html")];
    let address = format!("/t/acme/decisions/{id}");
    let answered = ask(&place.server, "POST", &address, &headers, &form);
    assert_eq!((answered.status, answered.head.contains(&address)), (303, true), "{}", answered.head);
    assert_eq!(ask(&place.server, "POST", &address, &headers, &form).status, 303, "twice is once");
    assert_eq!(place.inbox().await.counts.look_back, 0);
    let record = whole(&place, id).await;
    assert_eq!((record.look_back.outcome, record.look_back.rows.len()), (Some(Outcome::Partly), 2));
    assert!(conflict(service.postpone_look_back(&ada, id, Millis(now().0 + 60_000)).await).contains("already"));
    // Somebody may see it otherwise later; both stay, and the newest counts.
    service.look_back(&ada, id, "wrong", "Oslo left").await.unwrap();
    let ledger = service.read_track_record(&place.desk.founder).await.unwrap();
    let line = &ledger.rows[0];
    assert_eq!((line.agent.as_str(), line.agreed, line.partly, line.wrong), ("ceo", 1, 0, 1));
    assert_eq!(
        found(&place, DecisionQuery { outcome: Some(OutcomeFilter::Wrong), ..DecisionQuery::default() }).await.len(),
        1
    );
    let kept = place.entries("brief.looked_back").await;
    let told: Vec<_> = kept.iter().map(|entry| (entry["outcome"].as_str(), entry["note"].as_str())).collect();
    assert_eq!(told, [(Some("partly"), Some("One call")), (Some("wrong"), Some("Oslo left"))]);
    assert_eq!(place.entries("brief.look_back_postponed").await.len(), 1);
    assert_eq!(
        before,
        place.number("select hashtext(d::text)::bigint from decision d").await,
        "the decision is as it was"
    );
    assert!(whole(&place, id).await.faults.is_empty());
}
