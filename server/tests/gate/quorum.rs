//! n of m: how many founders have to approve a role file, and that nobody gets around the others.

use crate::place::{Place, conflict, hash_of, mission};
use countersign_domain::{
    Actor, Millis, Role,
    review::{ReviewDecision, ReviewState},
};
use countersign_service::Error;

const YES: ReviewDecision = ReviewDecision::Approved;

async fn ask(place: &Place, who: &Actor, approvals: u32) {
    place.desk.service.ask_approvals(who, approvals, "Four eyes").await.unwrap();
}

/// Ada, who proposes, and two other founders.
async fn three() -> (Place, Actor, Actor) {
    let mut place = Place::start().await;
    let grace = place.member(11, "Grace", Role::Founder).await;
    let ken = place.member(12, "Ken", Role::Founder).await;
    (place, grace, ken)
}

#[tokio::test]
async fn a_file_runs_once_as_many_founders_approved_it_as_one_of_them_asked_for() {
    let (mut place, grace, ken) = three().await;
    ask(&place, &ken, 2).await;
    let text = mission("backend", "Build the API.");
    let (review, hash) = (place.propose(&text).await, hash_of(&text));
    let shown = place.review(review).await;
    assert_eq!((shown.row.approvals, shown.row.needed, shown.lacking_after_next()), (0, 2, 1));
    assert!(shown.policy.contains("2 of 3 founders approve it, never its author"), "{}", shown.policy);

    let first = place.decide_as(&grace, review, YES, &hash).await.unwrap();
    assert_eq!(first.state, ReviewState::Open);
    conflict(place.issue("backend").await);
    let shown = place.desk.service.read_review(&ken, review).await.unwrap();
    assert_eq!((shown.row.state, shown.row.approvals, shown.lacking_after_next()), (ReviewState::Open, 1, 0));
    assert!(shown.is_ready() && shown.policy.ends_with("So far: Grace."), "{}", shown.policy);

    // One person is one, however often they press.
    let again = conflict(place.decide_as(&grace, review, YES, &hash).await);
    assert!(again.contains("Another founder has to approve it too"), "{again}");
    let shown = place.desk.service.read_review(&grace, review).await.unwrap();
    assert!(!shown.is_ready(), "{:?}", shown.checklist);
    conflict(place.decide(review, YES, &hash).await);

    let second = place.decide_as(&ken, review, YES, &hash).await.unwrap();
    assert_eq!((second.agent.as_str(), second.state), ("backend", ReviewState::Approved));
    place.issue("backend").await.unwrap();
    let kinds = "select count(*) from journal where kind = 'review.approved";
    assert_eq!(place.number(&format!("{kinds}_in_part'")).await, 1);
    assert_eq!(place.number(&format!("{kinds}'")).await, 1);
    assert_eq!(place.number("select count(*) from review_decision where needed = 2").await, 2);
}

#[tokio::test]
async fn the_highest_number_counts_and_only_who_asked_for_it_lowers_it() {
    let (place, grace, ken) = three().await;
    let needed = async || {
        let quorum = place.desk.service.read_reviews(&grace).await.unwrap().quorum;
        (quorum.wanted(), quorum.needed())
    };
    assert_eq!(needed().await, (1, 1));
    ask(&place, &ken, 2).await;
    ask(&place, &grace, 1).await;
    assert_eq!(needed().await, (2, 2), "nobody outvotes Ken");
    ask(&place, &grace, 9).await;
    assert_eq!(needed().await, (9, 2), "no more than there are beside an author");
    ask(&place, &grace, 1).await;
    ask(&place, &ken, 1).await;
    assert_eq!(needed().await, (1, 1));
    let quorum = place.desk.service.read_reviews(&ken).await.unwrap().quorum;
    let asked: Vec<(&str, u32, bool)> =
        quorum.asked.iter().map(|one| (one.by.as_str(), one.approvals, one.is_you)).collect();
    assert_eq!((quorum.founders, asked), (3, vec![("Grace", 1, false), ("Ken", 1, true)]));
}

#[tokio::test]
async fn what_asks_for_no_number_or_comes_from_nobody_who_may_changes_nothing() {
    let (mut place, grace, _) = three().await;
    let bob = place.member(13, "Bob", Role::Observer).await;
    let ask = async |actor: &Actor, approvals, why: &str| place.desk.service.ask_approvals(actor, approvals, why).await;
    for approvals in [0, 10, u32::MAX] {
        let refused = ask(&grace, approvals, "Four eyes").await;
        assert!(matches!(refused, Err(Error::Invalid { field: "approvals", .. })), "{approvals}: {refused:?}");
    }
    assert!(matches!(ask(&grace, 2, " ").await, Err(Error::Invalid { field: "reason", .. })));
    assert!(matches!(ask(&bob, 2, "Four eyes").await, Err(Error::Forbidden(Role::Founder))));
    let late = Actor { proven_at: Millis(grace.proven_at.0 - 5 * 60 * 1000 - 1), ..grace.clone() };
    assert!(matches!(ask(&late, 2, "Four eyes").await, Err(Error::StepUp)));
    assert_eq!(place.number("select count(*) from approvals_asked").await, 0);
}

#[tokio::test]
async fn one_rejection_ends_what_others_have_approved() {
    let (mut place, grace, ken) = three().await;
    ask(&place, &ken, 2).await;
    let text = mission("backend", "Build the API.");
    let (review, hash) = (place.propose(&text).await, hash_of(&text));
    place.decide_as(&grace, review, YES, &hash).await.unwrap();
    place.decide_as(&ken, review, ReviewDecision::Rejected, &hash).await.unwrap();
    assert_eq!(place.review(review).await.row.state, ReviewState::Rejected);
    conflict(place.decide_as(&ken, review, YES, &hash).await);
    conflict(place.issue("backend").await);

    // The same file proposed again has none of the approvals of before.
    let again = place.propose(&text).await;
    assert_eq!(place.review(again).await.row.approvals, 0);
    assert_eq!(place.number("select count(*) from review_decision").await, 2);
}

#[tokio::test]
async fn the_approval_of_who_is_no_founder_any_more_does_not_count_and_nobody_is_locked_out() {
    let (mut place, grace, ken) = three().await;
    ask(&place, &ken, 2).await;
    let text = mission("backend", "Build the API.");
    let (review, hash) = (place.propose(&text).await, hash_of(&text));
    place.decide_as(&ken, review, YES, &hash).await.unwrap();
    place.sql("update membership set role = 'observer' where person_id = '00000000-0000-0000-0000-00000000000c'").await;
    let shown = place.review(review).await;
    assert_eq!((shown.row.approvals, shown.row.needed), (0, 2), "what they asked for stands for three days");
    place.hours_pass(72).await;
    let shown = place.review(review).await;
    assert_eq!((shown.row.approvals, shown.row.needed), (0, 1));
    let decided = place.decide_as(&grace, review, YES, &hash).await.unwrap();
    assert_eq!(decided.state, ReviewState::Approved);
    place.issue("backend").await.unwrap();
}

#[tokio::test]
async fn who_approved_already_completes_it_where_no_other_is_needed_any_more() {
    let (place, grace, ken) = three().await;
    ask(&place, &ken, 2).await;
    let text = mission("backend", "Build the API.");
    let (review, hash) = (place.propose(&text).await, hash_of(&text));
    place.decide_as(&grace, review, YES, &hash).await.unwrap();
    ask(&place, &ken, 1).await;
    assert_eq!(place.review(review).await.row.state, ReviewState::Open, "a number lets nothing run by itself");
    let decided = place.decide_as(&grace, review, YES, &hash).await.unwrap();
    assert_eq!(decided.state, ReviewState::Approved);
}

#[tokio::test]
async fn of_all_who_approve_at_once_each_counts_once() {
    let (mut place, grace, ken) = three().await;
    ask(&place, &ken, 2).await;
    for round in 1..=10 {
        let text = mission("backend", &format!("Build the API, number {round}."));
        let (review, hash) = (place.propose(&text).await, hash_of(&text));
        let approve = async |actor: &Actor| place.decide_as(actor, review, YES, &hash).await;
        let (one, twice, other) = tokio::join!(approve(&grace), approve(&grace), approve(&ken));
        // Grace's second press comes before Ken's, and is refused, or after it, and finds it approved.
        assert_eq!(
            [&one, &twice, &other].iter().filter(|answer| answer.is_ok()).count(),
            2,
            "{one:?} {twice:?} {other:?}"
        );
        let shown = place.review(review).await;
        assert_eq!((shown.row.state, shown.decisions.len()), (ReviewState::Approved, 2));
        assert_ne!(shown.decisions[0].by, shown.decisions[1].by);
    }
    assert_eq!(place.number("select count(*) from journal where kind = 'review.approved'").await, 10);
}

/// Below the code: a decision that says less was needed, and a state that says it is approved.
#[tokio::test]
async fn the_database_counts_the_approvals_itself() {
    let (mut place, grace, ken) = three().await;
    ask(&place, &ken, 2).await;
    let text = mission("backend", "Build the API.");
    let (review, hash) = (place.propose(&text).await, hash_of(&text));
    let (tenant, now) = (place.desk.founder.tenant, place.desk.proven().proven_at.0);
    let decided = |seq: i64, person: &Actor| {
        format!(
            "insert into review_decision (tenant_id, review_id, seq, sha256, decision, person_id, how, proven_ms, at_ms,
                                          reason, self_approved, needed)
             values ('{tenant}', '{review}', {seq}, '\\x{hash}', 'approved', '{}', 'passkey', {now}, {now}, 'Fits', false, 1);",
            person.person
        )
    };
    let state = format!("update review set state = 'approved' where id = '{review}';");
    let credential = format!(
        "insert into credential (tenant_id, id, agent, public_key, issued_ms, issued_by, expires_ms, role_sha256)
         values ('{tenant}', '{review}', 'backend', 'UNEW', {now}, '{}', {}, '\\x{hash}');",
        grace.person,
        now + 3_600_000
    );
    let (one, same, other) = (decided(900_001, &grace), decided(900_002, &grace), decided(900_003, &ken));
    for (words, lines) in [
        ("of none", vec![&state, &credential]),
        ("of one", vec![&one, &state, &credential]),
        ("of one who pressed twice", vec![&one, &same, &state, &credential]),
        ("of two, without a state", vec![&one, &other, &credential]),
    ] {
        let lines: String = lines.into_iter().map(String::as_str).collect();
        let refused = place.as_web(&lines).await.expect_err(words);
        assert!(refused.contains("no approval, no credential"), "{words}: {refused}");
    }
    place.as_web(&[one, other, state, credential].concat()).await.expect("what two approved");
}
