//! What an approval lets through, what it does not, and who may give it.

use crate::{
    harness::Desk,
    place::{Place, conflict, hash_of, mission},
};
use countersign_domain::{
    Actor, How, Millis, ReviewId, Role, Via,
    api_token::Scope,
    review::{ReviewDecision, ReviewState},
};
use countersign_service::Error;
use uuid::Uuid;

const DECISIONS: [ReviewDecision; 3] = [ReviewDecision::Approved, ReviewDecision::Rejected, ReviewDecision::Revoked];

/// A task goes to the agent and is acknowledged, as any client of the bus does both.
async fn works(place: &Place, name: &str, before: u64) {
    let client = place.agent(name).await.connect().await;
    client.publish(&format!("tasks.{name}.fix_bug"), &[], r#"{"task":"Fix it"}"#).await.unwrap();
    client.take_task().await.ack().await.unwrap();
    place.desk.await_tasks(&[countersign_domain::task::TaskState::Succeeded], before + 1).await;
}

#[tokio::test]
async fn an_agent_has_a_credential_once_its_file_is_approved_and_never_before() {
    let mut place = Place::start().await;
    let made = place.desk.service.create_agent(&place.desk.proven(), "backend", "").await.unwrap();
    let first = made.1;
    let words = conflict(place.issue("backend").await);
    assert!(words.contains("No role file of backend is approved"), "{words}");

    let hash = place.review(first).await.row.sha256;
    place.decide(first, ReviewDecision::Rejected, &hash).await.unwrap();
    assert_eq!(place.review(first).await.row.state, ReviewState::Rejected);
    conflict(place.issue("backend").await);
    assert_eq!(place.number("select count(*) from credential").await, 0);

    let text = mission("backend", "Build and run the API.");
    let second = place.propose(&text).await;
    conflict(place.issue("backend").await);
    place.desk.approve(second).await;
    let agent = place.agent("backend").await;
    assert_eq!(place.role_of(&agent.creds).await, hash_of(&text), "it is the hash of the very bytes");
    assert_eq!(place.review(second).await.live_credentials, 1);
    works(&place, "backend", 0).await;

    // A changed file is another review; what was approved goes on, and is said to be stale.
    let newer = mission("backend", "Build, run and bill the API.");
    let third = place.propose(&newer).await;
    let stands = place.review(second).await;
    assert_eq!((stands.row.state, stands.row.is_stale), (ReviewState::Approved, true));
    let reviews = place.desk.service.read_reviews(&place.desk.proven()).await.unwrap();
    let of = |rows: &[countersign_domain::reading::ReviewRow]| -> Vec<(String, bool)> {
        rows.iter().map(|row| (row.id.clone(), row.is_stale)).collect()
    };
    assert_eq!(of(&reviews.open), [(third.to_string(), false)]);
    assert_eq!(of(&reviews.standing), [(second.to_string(), true)]);
    assert_eq!(of(&reviews.ended), [(first.to_string(), false)]);
    let issued = place.issue("backend").await.unwrap();
    assert_eq!(place.role_of(&issued.creds).await, hash_of(&text), "of the approved file, not of the newest one");
    works(&place, "backend", 1).await;

    place.desk.approve(third).await;
    let replaced = place.review(second).await;
    assert_eq!((replaced.row.state, replaced.row.is_stale), (ReviewState::Replaced, false));
    assert!(replaced.row.ended_at.is_some());
    let issued = place.issue("backend").await.unwrap();
    assert_eq!(place.role_of(&issued.creds).await, hash_of(&newer));
    works(&place, "backend", 2).await;

    // The very file that is approved needs no second review; one that was replaced does.
    let again = conflict(place.desk.service.propose_role(&place.desk.proven(), &newer).await);
    assert!(again.contains("approved for backend already"), "{again}");
    let back = place.propose(&text).await;
    assert_eq!(place.review(back).await.row.state, ReviewState::Open);
    conflict(place.desk.service.propose_role(&place.desk.proven(), &text).await);
    assert_eq!(place.number("select count(*) from role_version").await, 3, "each file is kept once");
}

/// Else whoever proposes often enough has the others compare with nothing.
#[tokio::test]
async fn what_may_run_is_what_a_file_is_compared_with_however_many_were_proposed_since() {
    let place = Place::start().await;
    let first = place.approved(&mission("backend", "Build the API.")).await;
    let mut last = first;
    for number in 0..60 {
        last = place.propose(&mission("backend", &format!("Build the API, number {number}."))).await;
    }
    let shown = place.review(last).await;
    assert_eq!(shown.base.map(|base| base.review), Some(first.to_string()));
    assert!(!shown.changes.is_empty() && !shown.text_diff.is_empty());
    assert!(place.desk.agent_detail("backend").await.approved.is_some());
}

#[tokio::test]
async fn a_decision_about_other_content_writes_nothing() {
    let mut place = Place::start().await;
    let (old, new) = (mission("backend", "Build the API."), mission("backend", "Build the API well."));
    let replaced = place.propose(&old).await;
    let open = place.propose(&new).await;
    let tables = ["review", "review_decision", "credential", "agent"];
    let before = place.rows(&tables).await;
    let journal = place.number("select max(seq) from journal").await;

    for decision in DECISIONS {
        // Whoever opened the first and did not see the second.
        let words = conflict(place.decide(replaced, decision, &hash_of(&old)).await);
        assert!(words.contains("a newer one waits"), "{words}");
        conflict(place.decide(replaced, decision, &hash_of(&new)).await);
        // The right review, with what the wrong page showed.
        conflict(place.decide(open, decision, &hash_of(&old)).await);
        conflict(place.decide(open, decision, &hash_of("something else")).await);
    }
    let words = conflict(place.decide(open, ReviewDecision::Revoked, &hash_of(&new)).await);
    assert!(words.contains("no approval to revoke"), "{words}");

    let proven = place.desk.proven();
    let decide = async |actor: &Actor, review: ReviewId, sha256: &str, why: &str| {
        place.desk.service.decide_review(actor, review, ReviewDecision::Approved, sha256, why).await
    };
    for sha256 in ["", "0", &hash_of(&new).replace(|c: char| c.is_ascii_digit(), "g"), &hash_of(&new)[..63]] {
        let refused = decide(&proven, open, sha256, "Fine").await;
        assert!(matches!(refused, Err(Error::Invalid { field: "sha256", .. })), "{sha256}: {refused:?}");
    }
    for why in ["", "   ", "\0", &"x".repeat(501)] {
        let refused = decide(&proven, open, &hash_of(&new), why).await;
        assert!(matches!(refused, Err(Error::Invalid { field: "reason", .. })), "{why}: {refused:?}");
    }
    let nobodys = ReviewId(Uuid::from_u128(7));
    assert!(matches!(decide(&proven, nobodys, &hash_of(&new), "Fine").await, Err(Error::NotFound)));

    assert_eq!(place.rows(&tables).await, before);
    assert_eq!(place.number("select max(seq) from journal").await, journal, "nothing was journaled");
    assert_eq!(place.review(open).await.row.state, ReviewState::Open);
    place.decide(open, ReviewDecision::Approved, &hash_of(&new)).await.expect("what was shown can be approved");
}

#[tokio::test]
async fn nobody_decides_but_a_founder_who_has_just_proven_who_they_are() {
    let mut place = Place::start().await;
    let review = place.propose(&mission("backend", "Build the API.")).await;
    let hash = place.review(review).await.row.sha256;
    let bob = place.member(11, "Bob", Role::Observer).await;
    let rita = place.member(12, "Rita", Role::Reviewer).await;
    let eve = place.organization(13, "other").await;
    let ada = place.desk.proven();
    let late = Actor { proven_at: Millis(ada.proven_at.0 - 5 * 60 * 1000 - 1), ..ada.clone() };
    let token = Actor { scopes: Some(Scope::ALL.to_vec()), via: Via::new(How::Token, "127.0.0.1"), ..ada.clone() };
    for decision in DECISIONS {
        let refused = async |actor: &Actor| place.decide_as(actor, review, decision, &hash).await.unwrap_err();
        assert!(matches!(refused(&bob).await, Error::Forbidden(Role::Founder)));
        assert!(matches!(refused(&rita).await, Error::Forbidden(Role::Founder)));
        assert!(matches!(refused(&late).await, Error::StepUp));
        assert!(matches!(refused(&token).await, Error::OutOfScope(None)));
        assert!(matches!(refused(&eve).await, Error::NotFound), "another organization's reviews do not exist");
    }
    // To read is another matter.
    let seen = place.desk.service.read_review(&bob, review).await.unwrap();
    assert!(!seen.may_decide);
    assert!(place.desk.service.read_review(&late, review).await.unwrap().may_decide, "a proof can be given");
    assert!(matches!(place.desk.service.read_review(&eve, review).await, Err(Error::NotFound)));
    assert_eq!(place.number("select count(*) from review_decision").await, 0);
    assert_eq!(
        place.number("select count(*) from journal where kind like 'review.%' and kind <> 'review.probed'").await,
        0
    );
}

#[tokio::test]
async fn the_gate_stays_shut_without_a_probe_that_went_well_within_the_hour() {
    let mut place = Place::start().await;
    let review = place.propose(&mission("backend", "Build the API.")).await;
    let hash = place.review(review).await.row.sha256;
    for (sql, lacks, words) in [
        ("update review set probe = null, probed_ms = null", "It was not probed", "It was not probed yet"),
        ("update review set probed_ms = probed_ms - 3601000", "older than an hour", "older than an hour"),
        ("update review set probe = jsonb_set(probe, '{wrong}', '1')", "went wrong", "cannot be approved"),
    ] {
        place.sql(sql).await;
        let shown = place.review(review).await;
        assert!(!shown.is_ready(), "{sql}");
        assert!(shown.checklist.iter().any(|row| !row.holds && row.words.contains(lacks)), "{:?}", shown.checklist);
        let refused = conflict(place.decide(review, ReviewDecision::Approved, &hash).await);
        assert!(refused.contains(words), "{sql}: {refused}");
        place.desk.service.probe_review(&place.desk.proven(), review).await.unwrap();
        assert!(place.review(review).await.is_ready(), "a probe that is run again opens it again");
    }
    assert_eq!(place.number("select count(*) from review_decision").await, 0);
    place.decide(review, ReviewDecision::Approved, &hash).await.unwrap();
    let after = conflict(place.desk.service.probe_review(&place.desk.proven(), review).await);
    assert!(after.contains("nothing to probe for"), "{after}");
}

#[tokio::test]
async fn a_lone_founders_own_file_is_marked_wherever_its_approval_is_shown() {
    let mut place = Place::start().await;
    let review = place.propose(&mission("backend", "Build the API.")).await;
    let before = place.review(review).await;
    assert!(before.checklist.iter().any(|row| row.holds && row.words.contains("self-approved")));
    assert!(before.policy.contains("self-approved"), "{}", before.policy);
    place.desk.approve(review).await;
    let shown = place.review(review).await;
    assert!(shown.row.self_approved && shown.decisions[0].self_approved && shown.history[0].self_approved);
    assert_eq!(shown.decisions[0].by, "Ada");
    let reviews = place.desk.service.read_reviews(&place.desk.proven()).await.unwrap();
    assert!(reviews.standing[0].self_approved);
    assert!(place.desk.agent_detail("backend").await.approved.unwrap().self_approved);
    assert_eq!(place.number("select count(*) from review_decision where self_approved").await, 1);
    let (entry,): (Vec<u8>,) = sqlx::query_as("select canonical from journal where kind = 'review.approved'")
        .fetch_one(&mut place.owner)
        .await
        .unwrap();
    assert!(String::from_utf8(entry).unwrap().contains(r#""self_approved":true"#));
}

#[tokio::test]
async fn author_and_approver_are_two_where_two_may_approve() {
    let mut place = Place::start().await;
    let grace = place.member(11, "Grace", Role::Founder).await;
    let review = place.propose(&mission("backend", "Build the API.")).await;
    let shown = place.review(review).await;
    assert!(!shown.is_ready() && shown.policy.contains("never its author"), "{:?} {}", shown.checklist, shown.policy);
    let words = conflict(place.decide(review, ReviewDecision::Approved, &shown.row.sha256).await);
    assert!(words.contains("Another founder has to approve it"), "{words}");
    conflict(place.issue("backend").await);
    assert_eq!(place.number("select count(*) from review_decision").await, 0);

    place.decide_as(&grace, review, ReviewDecision::Approved, &shown.row.sha256).await.unwrap();
    let shown = place.review(review).await;
    assert!(!shown.row.self_approved && !shown.decisions[0].self_approved);
    assert_eq!((shown.row.author.as_str(), shown.decisions[0].by.as_str()), ("Ada", "Grace"));
    place.issue("backend").await.unwrap();

    // What was proposed again is its newest proposer's, whoever wrote it first.
    let text = mission("backend", "Build the API better.");
    let service = &place.desk.service;
    let by_grace = service.propose_role(&grace, &text).await.unwrap();
    conflict(place.decide_as(&grace, by_grace, ReviewDecision::Approved, &hash_of(&text)).await);
    place.decide(by_grace, ReviewDecision::Rejected, &hash_of(&text)).await.unwrap();
    let by_ada = place.propose(&text).await;
    conflict(place.decide(by_ada, ReviewDecision::Approved, &hash_of(&text)).await);
    place.decide_as(&grace, by_ada, ReviewDecision::Approved, &hash_of(&text)).await.unwrap();
}

#[tokio::test]
async fn of_two_who_approve_at_once_one_does_and_the_other_hears_who_was_first() {
    let mut place = Place::start().await;
    let grace = place.member(11, "Grace", Role::Founder).await;
    let ken = place.member(12, "Ken", Role::Founder).await;
    for round in 1..=10 {
        let text = mission("backend", &format!("Build the API, number {round}."));
        let review = place.propose(&text).await;
        let (sha256, yes) = (hash_of(&text), ReviewDecision::Approved);
        let (one, other) =
            tokio::join!(place.decide_as(&grace, review, yes, &sha256), place.decide_as(&ken, review, yes, &sha256));
        let decisions = place.review(review).await.decisions;
        assert_eq!(decisions.len(), 1, "{decisions:?}");
        let (won, late) = if one.is_ok() { ("Grace", other) } else { ("Ken", one) };
        assert_eq!(decisions[0].by, won);
        let words = conflict(late);
        assert!(words.contains(&format!("approved already by {won}")), "{words}");
        // Neither do a rejection that comes too late and the first one's second click change anything.
        for (actor, decision) in [(&ken, ReviewDecision::Rejected), (&grace, ReviewDecision::Approved)] {
            conflict(place.decide_as(actor, review, decision, &sha256).await);
        }
        assert_eq!(place.number("select count(*) from review_decision").await, round);
    }
    assert_eq!(place.number("select count(*) from review where state = 'approved'").await, 1);
}

#[tokio::test]
async fn what_is_approved_counts_for_its_own_agent_alone() {
    let place = Place::start().await;
    place.approved(&mission("backend", "Build the API.")).await;
    for name in ["frontend", "cso"] {
        let service = &place.desk.service;
        service.create_agent(&place.desk.proven(), name, "backend").await.unwrap();
        conflict(place.issue(name).await);
    }
    assert!(matches!(place.issue("nobody").await, Err(Error::NotFound)));
    let taken = place.desk.service.create_agent(&place.desk.proven(), "backend", "").await;
    assert!(conflict(taken).contains("exists"));
}

/// What only the desk's own function for tests would hide: it goes the way that people go.
#[tokio::test]
async fn the_desk_of_these_tests_makes_agents_as_people_do() {
    let mut place = Place::start().await;
    let desk: &Desk = &place.desk;
    desk.agent("cso", "").await;
    desk.agent_of(&mission("backend", "Build the API.")).await;
    for (kind, count) in [("role.proposed", 2), ("review.probed", 2), ("review.approved", 2), ("credential.issued", 2)]
    {
        let sql = format!("select count(*) from journal where kind = '{kind}'");
        assert_eq!(place.number(&sql).await, count, "{kind}");
    }
}
