//! Everything at once, and what must hold whoever comes first.

use crate::place::{Place, conflict, hash_of, mission};
use countersign_domain::{
    AgentName,
    review::{ReviewDecision, ReviewState},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Credentials whose content nobody has ever approved.
const NEVER_APPROVED: &str = "
    select count(*) from credential c
    where not exists (select from review r
                      join review_decision d on d.tenant_id = r.tenant_id and d.review_id = r.id and d.sha256 = r.sha256
                      where r.tenant_id = c.tenant_id and r.agent = c.agent and r.sha256 = c.role_sha256
                        and d.decision = 'approved')";
/// Credentials that count, of content that may run no longer.
const OUTLIVED: &str = "
    select count(*) from credential c
    where c.revoked_ms is null
      and not exists (select from review r
                      where r.tenant_id = c.tenant_id and r.agent = c.agent and r.sha256 = c.role_sha256
                        and r.state = 'approved')";

/// The text under this name, wherever in the entry it stands.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    match value {
        Value::Object(map) => match map.get(name) {
            Some(Value::String(text)) => Some(text),
            _ => map.values().find_map(|value| find(value, name)),
        },
        Value::Array(list) => list.iter().find_map(|value| find(value, name)),
        _ => None,
    }
}

/// Goes through the journal in its order: each credential is of what was approved at its place. Answers how many
/// there are.
async fn each_credential_is_of_what_was_approved_then(place: &mut Place) -> usize {
    let entries: Vec<(i64, String, Vec<u8>)> = sqlx::query_as("select seq, kind, canonical from journal order by seq")
        .fetch_all(&mut place.owner)
        .await
        .unwrap();
    let mut approved: BTreeMap<String, String> = BTreeMap::new();
    let mut issued = 0;
    for (seq, kind, canonical) in entries {
        let entry: Value = serde_json::from_slice(&canonical).unwrap();
        let agent = || find(&entry, "agent").unwrap().to_owned();
        match kind.as_str() {
            "review.approved" => {
                approved.insert(agent(), find(&entry, "sha256").unwrap().to_owned());
            }
            "review.revoked" => {
                approved.remove(&agent());
            }
            "credential.issued" | "credential.renewed" => {
                let role = find(&entry, "role").expect("the hash that it is of");
                assert_eq!(approved.get(&agent()).map(String::as_str), Some(role), "entry {seq}, {kind}: {entry}");
                issued += 1;
            }
            _ => {}
        }
    }
    issued
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_races_of_an_approval_and_a_newer_file_leave_no_credential_without_an_approval() {
    let mut place = Place::start().await;
    let mut open = (place.propose(&mission("backend", "Zero.")).await, hash_of(&mission("backend", "Zero.")));
    let (mut won, mut late, mut credentials) = (0, 0, 0);
    for round in 1..=100 {
        let newer = mission("backend", &format!("Number {round}."));
        let approve = async {
            // So that now the one, now the other is first.
            for _ in 0..round % 6 {
                place.review(open.0).await;
            }
            place.decide(open.0, ReviewDecision::Approved, &open.1).await
        };
        let issue = async |after: u32| {
            for _ in 0..after {
                place.review(open.0).await;
            }
            place.issue("backend").await
        };
        let (proposed, approved, one, two, three) =
            tokio::join!(place.propose(&newer), approve, issue(0), issue(round % 4), issue(round % 7));
        match approved {
            Ok(_) => won += 1,
            Err(error) => {
                late += 1;
                let words = conflict::<AgentName>(Err(error));
                assert!(words.contains("a newer one waits"), "{words}");
            }
        }
        for issued in [one, two, three] {
            match issued {
                Ok(_) => credentials += 1,
                Err(error) => drop(conflict::<()>(Err(error))),
            }
        }
        for state in ["open", "approved"] {
            let sql = format!("select count(*) from review where state = '{state}'");
            assert!(place.number(&sql).await <= 1, "round {round}: {state}");
        }
        assert_eq!(place.number(NEVER_APPROVED).await, 0, "round {round}");
        open = (proposed, hash_of(&newer));
        assert_eq!(place.review(open.0).await.row.state, ReviewState::Open, "what is newest waits");
    }
    println!("{won} approvals in time, {late} too late, {credentials} credentials");
    assert!(won > 0 && late > 0 && credentials > 0, "each happened: {won} {late} {credentials}");
    assert_eq!(each_credential_is_of_what_was_approved_then(&mut place).await, credentials);
    assert_eq!(place.number("select count(*) from credential").await, i64::try_from(credentials).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_races_of_a_revocation_and_credentials_leave_none_that_counts() {
    let mut place = Place::start().await;
    let mut credentials = 0;
    for round in 1..=100_u32 {
        let text = mission("backend", &format!("Number {round}."));
        let review = place.approved(&text).await;
        let issue = async |after: u32| {
            for _ in 0..after {
                place.review(review).await;
            }
            place.issue("backend").await.is_ok()
        };
        let revoke = async {
            for _ in 0..round % 5 {
                place.review(review).await;
            }
            // This desk has no line to the bus, and says so; the record counts.
            let _ = place.decide(review, ReviewDecision::Revoked, &hash_of(&text)).await;
        };
        let ((), one, two, three) = tokio::join!(revoke, issue(0), issue(round % 3), issue(round % 4));
        credentials += usize::from(one) + usize::from(two) + usize::from(three);
        assert_eq!(place.review(review).await.row.state, ReviewState::Revoked, "round {round}");
        assert_eq!(place.number(OUTLIVED).await, 0, "round {round}: a credential outlives its approval");
    }
    println!("{credentials} credentials before their revocation");
    assert!(credentials > 0);
    assert_eq!(each_credential_is_of_what_was_approved_then(&mut place).await, credentials);
}

/// What a race may do once in a thousand times, done on purpose: both want to write, and stand in line in this order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_that_stands_in_line_behind_a_revocation_is_not_issued() {
    let mut place = Place::start().await;
    let text = mission("backend", "Build the API.");
    let review = place.approved(&text).await;
    let (service, proven) = (place.service().await, place.desk.proven());
    let held = place.hold_journal().await;
    let (sha256, backend) = (hash_of(&text), "backend".parse().unwrap());
    let revoke = service.decide_review(&proven, review, ReviewDecision::Revoked, &sha256, "It was wrong");
    let issue = async {
        place.await_queue(1).await;
        service.issue_credential(&proven, &backend, 24).await
    };
    let go = async {
        place.await_queue(2).await;
        held.go().await;
    };
    let (_, issued, ()) = tokio::join!(revoke, issue, go);
    assert_eq!(place.review(review).await.row.state, ReviewState::Revoked);
    assert_eq!(place.number(OUTLIVED).await, 0, "a credential outlives its approval");
    conflict(issued);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_that_is_issued_just_before_a_revocation_ends_with_it() {
    let mut place = Place::start().await;
    let text = mission("backend", "Build the API.");
    let review = place.approved(&text).await;
    let (service, proven) = (place.service().await, place.desk.proven());
    let held = place.hold_journal().await;
    let (sha256, backend) = (hash_of(&text), "backend".parse().unwrap());
    let issue = service.issue_credential(&proven, &backend, 24);
    let revoke = async {
        place.await_queue(1).await;
        service.decide_review(&proven, review, ReviewDecision::Revoked, &sha256, "It was wrong").await
    };
    let go = async {
        place.await_queue(2).await;
        held.go().await;
    };
    let (issued, _, ()) = tokio::join!(issue, revoke, go);
    assert!(issued.is_ok(), "it came first");
    assert_eq!(place.number(OUTLIVED).await, 0, "a credential outlives its approval");
    assert_eq!(place.number("select count(*) from credential where revoked_ms is not null").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_that_stands_in_line_behind_an_emergency_stop_is_not_issued() {
    let mut place = Place::start().await;
    place.approved(&mission("backend", "Build the API.")).await;
    let (service, proven) = (place.service().await, place.desk.proven());
    let held = place.hold_journal().await;
    let backend = "backend".parse().unwrap();
    let stop = service.stop_all(&proven, "Something is wrong");
    let issue = async {
        place.await_queue(1).await;
        service.issue_credential(&proven, &backend, 24).await
    };
    let go = async {
        place.await_queue(2).await;
        held.go().await;
    };
    let (_, issued, ()) = tokio::join!(stop, issue, go);
    assert_eq!(place.number("select count(*) from emergency_stop").await, 2, "the fleet, and its one agent");
    assert_eq!(place.number("select count(*) from credential where revoked_ms is null").await, 0);
    conflict(issued);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_that_stands_in_line_behind_a_newer_approval_is_not_of_the_older_one() {
    let mut place = Place::start().await;
    place.approved(&mission("backend", "Build the API.")).await;
    let newer = mission("backend", "Build the API well.");
    let review = place.propose(&newer).await;
    let (service, proven) = (place.service().await, place.desk.proven());
    let held = place.hold_journal().await;
    let (sha256, backend) = (hash_of(&newer), "backend".parse().unwrap());
    let approve = service.decide_review(&proven, review, ReviewDecision::Approved, &sha256, "Fine");
    let issue = async {
        place.await_queue(1).await;
        service.issue_credential(&proven, &backend, 24).await
    };
    let go = async {
        place.await_queue(2).await;
        held.go().await;
    };
    let (approved, issued, ()) = tokio::join!(approve, issue, go);
    approved.unwrap();
    conflict(issued);
    assert_eq!(each_credential_is_of_what_was_approved_then(&mut place).await, 0);
}
