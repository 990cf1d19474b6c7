//! Founders come and go; none of them can make the others of a review for the occasion.

use crate::place::{Place, conflict, hash_of, mission};
use countersign_domain::{
    Actor, Millis, PersonId, Role,
    review::{ReviewDecision, ReviewState, counts_later},
};

const YES: ReviewDecision = ReviewDecision::Approved;
const HOUR_MS: i64 = 3_600_000;

/// Ada and Grace, founders of an organization that is a month old.
async fn settled() -> (Place, Actor) {
    let mut place = Place::start().await;
    let grace = place.member(11, "Grace", Role::Founder).await;
    place.hours_pass(30 * 24).await;
    (place, grace)
}

async fn propose_as(place: &Place, who: &Actor, text: &str) -> countersign_domain::ReviewId {
    place.desk.service.propose_role(who, text).await.unwrap()
}

async fn needed(place: &Place, review: countersign_domain::ReviewId) -> (u32, u32) {
    let shown = place.review(review).await;
    (shown.row.approvals, shown.row.needed)
}

fn is_ready(found: &countersign_domain::reading::ReviewDetail) -> bool {
    found.checklist.iter().all(|row| row.holds)
}

#[tokio::test]
async fn nobody_approves_their_own_file_by_removing_the_others() {
    let (mut place, grace) = settled().await;
    let text = mission("backend", "Build the API.");
    let (review, hash) = (place.propose(&text).await, hash_of(&text));
    let ada = place.desk.proven();
    for away in ["demoted", "removed"] {
        match away {
            "demoted" => place.desk.service.change_role(&ada, grace.person, "observer").await.unwrap(),
            _ => place.desk.service.remove_member(&ada, grace.person).await.unwrap(),
        }
        let refused = conflict(place.decide(review, YES, &hash).await);
        assert!(refused.ends_with("You can approve it alone in 72 hours."), "{away}: {refused}");
        assert!(!is_ready(&place.review(review).await), "{away}");
        conflict(place.issue("backend").await);
    }
    let quorum = place.desk.service.read_reviews(&ada).await.unwrap().quorum;
    assert_eq!((quorum.founders, quorum.leavers.len()), (2, 1));
    let (who, until) = &quorum.leavers[0];
    assert_eq!(who, "Grace");
    assert!((72 * HOUR_MS..73 * HOUR_MS).contains(&until.since(ada.proven_at)), "{until:?}");

    place.hours_pass(71).await;
    conflict(place.decide(review, YES, &hash).await);
    place.hours_pass(1).await;
    place.decide(review, YES, &hash).await.unwrap();
    let shown = place.review(review).await;
    assert!(shown.row.self_approved && shown.row.state == ReviewState::Approved);
}

/// Whoever is taken away for a moment was there all the time.
#[tokio::test]
async fn nobody_approves_their_own_file_in_a_gap_between_two_terms_of_another() {
    let (mut place, grace) = settled().await;
    let text = mission("backend", "Build the API.");
    let (review, hash) = (place.propose(&text).await, hash_of(&text));
    let ada = place.desk.proven();
    place.desk.service.change_role(&ada, grace.person, "observer").await.unwrap();
    place.hours_pass(12).await;
    place.desk.service.change_role(&ada, grace.person, "founder").await.unwrap();
    for hours in [1, 60, 6, 6] {
        place.hours_pass(hours).await;
        let refused = conflict(place.decide(review, YES, &hash).await);
        assert!(refused.contains("Another founder has to approve it"), "{refused}");
    }
    let quorum = place.desk.service.read_reviews(&ada).await.unwrap().quorum;
    assert_eq!((quorum.founders, quorum.leavers.len()), (2, 0), "who is back has not left");
    place.decide_as(&grace, review, YES, &hash).await.unwrap();
}

#[tokio::test]
async fn whoever_was_a_founder_for_an_hour_never_counts() {
    let (mut place, _) = settled().await;
    let ada = place.desk.proven();
    let mallory = place.member(14, "Mallory", Role::Founder).await;
    let text = mission("backend", "Build the API.");
    let (review, hash) = (propose_as(&place, &mallory, &text).await, hash_of(&text));
    place.hours_pass(1).await;
    place.desk.service.change_role(&ada, mallory.person, "observer").await.unwrap();
    for hours in [1, 70, 1, 1, 72] {
        place.hours_pass(hours).await;
        assert_eq!(needed(&place, review).await, (0, 2), "after {hours} more");
    }
    place.desk.service.probe_review(&ada, review).await.unwrap();
    assert_eq!(place.decide(review, YES, &hash).await.unwrap().state, ReviewState::Open);
}

#[tokio::test]
async fn what_somebody_who_left_asked_for_outlives_them_by_three_days() {
    let (mut place, grace) = settled().await;
    let ken = place.member(12, "Ken", Role::Founder).await;
    place.hours_pass(72).await;
    place.desk.service.ask_approvals(&ken, 2, "Four eyes").await.unwrap();
    let review = place.propose(&mission("backend", "Build the API.")).await;
    assert_eq!(needed(&place, review).await, (0, 2));
    place.desk.service.remove_member(&place.desk.proven(), ken.person).await.unwrap();
    assert_eq!(needed(&place, review).await, (0, 2));
    let hash = place.review(review).await.row.sha256;
    let first = place.decide_as(&grace, review, YES, &hash).await.unwrap();
    assert_eq!(first.state, ReviewState::Open);
    place.hours_pass(72).await;
    assert_eq!(needed(&place, review).await, (1, 1));
}

#[tokio::test]
async fn whoever_has_just_become_a_founder_does_not_approve_yet() {
    let (mut place, grace) = settled().await;
    let text = mission("backend", "Build the API.");
    let (review, hash) = (place.propose(&text).await, hash_of(&text));
    let eve = place.member(13, "Eve", Role::Founder).await;
    let refused = conflict(place.decide_as(&eve, review, YES, &hash).await);
    assert!(refused.starts_with("Your approval counts in 72 hours"), "{refused}");
    let shown = place.desk.service.read_review(&eve, review).await.unwrap();
    assert!(shown.checklist.iter().any(|row| !row.holds && row.words.starts_with("Your approval counts in 72 hours")));
    let quorum = place.desk.service.read_reviews(&eve).await.unwrap().quorum;
    let newcomers: Vec<_> = quorum.newcomers.iter().map(|one| (one.name.as_str(), one.is_you)).collect();
    assert_eq!((quorum.founders, newcomers), (2, vec![("Eve", true)]));

    // Neither does their number, nor are they more in whose stead others have to approve.
    place.desk.service.ask_approvals(&eve, 9, "All eyes").await.unwrap();
    assert_eq!(needed(&place, review).await, (0, 1));
    // To stop something they need not wait.
    let other = mission("legal", "Read contracts.");
    let open = place.propose(&other).await;
    place.decide_as(&eve, open, ReviewDecision::Rejected, &hash_of(&other)).await.unwrap();

    place.hours_pass(72).await;
    assert_eq!(needed(&place, review).await, (0, 2));
    for who in [&eve, &grace] {
        place.decide_as(who, review, YES, &hash).await.unwrap();
    }
    assert_eq!(place.review(review).await.row.state, ReviewState::Approved);
}

#[tokio::test]
async fn whoever_is_made_a_founder_again_begins_anew() {
    let (mut place, grace) = settled().await;
    let text = mission("backend", "Build the API.");
    let (review, hash) = (place.propose(&text).await, hash_of(&text));
    let ada = place.desk.proven();
    for role in ["observer", "founder"] {
        place.desk.service.change_role(&ada, grace.person, role).await.unwrap();
    }
    let refused = conflict(place.decide_as(&grace, review, YES, &hash).await);
    assert!(refused.contains("in 72 hours"), "{refused}");
    let refused = conflict(place.decide(review, YES, &hash).await);
    assert!(refused.contains("Another founder"), "{refused}");
    place.hours_pass(72).await;
    place.decide_as(&grace, review, YES, &hash).await.unwrap();
}

/// A second mailbox that proposes what its owner approves is one pair of eyes.
#[tokio::test]
async fn the_file_of_whoever_has_just_come_needs_two_founders() {
    let (mut place, grace) = settled().await;
    for (number, name, before) in [(14, "Mallory", Role::Observer), (15, "Trent", Role::Founder)] {
        let newcomer = place.member(number, name, before).await;
        if before != Role::Founder {
            // However long they have been something else.
            place.hours_pass(90 * 24).await;
            place.desk.service.change_role(&place.desk.proven(), newcomer.person, "founder").await.unwrap();
        }
        let newcomer = Actor { role: Role::Founder, ..newcomer };
        let text = mission("backend", &format!("Build the API of {name}."));
        let (review, hash) = (propose_as(&place, &newcomer, &text).await, hash_of(&text));
        assert_eq!(needed(&place, review).await, (0, 2), "{name}");
        let first = place.decide(review, YES, &hash).await.unwrap();
        assert_eq!(first.state, ReviewState::Open, "{name}");
        // Removing the author makes it no better.
        place.desk.service.remove_member(&place.desk.proven(), newcomer.person).await.unwrap();
        assert_eq!(needed(&place, review).await, (1, 2), "{name}");
        let second = place.decide_as(&grace, review, YES, &hash).await.unwrap();
        assert_eq!(second.state, ReviewState::Approved, "{name}");
    }
}

#[tokio::test]
async fn a_lone_founder_goes_on_alone_while_the_second_one_settles() {
    let mut place = Place::start().await;
    place.hours_pass(30 * 24).await;
    let eve = place.member(13, "Eve", Role::Founder).await;
    let own = mission("backend", "Build the API.");
    let review = place.propose(&own).await;
    place.decide(review, YES, &hash_of(&own)).await.unwrap();
    assert!(place.review(review).await.row.self_approved);
    let theirs = mission("legal", "Read contracts.");
    let review = propose_as(&place, &eve, &theirs).await;
    assert_eq!(needed(&place, review).await, (0, 1));
    conflict(place.decide_as(&eve, review, YES, &hash_of(&theirs)).await);
    place.decide(review, YES, &hash_of(&theirs)).await.unwrap();
    assert!(!place.review(review).await.row.self_approved);
}

#[tokio::test]
async fn an_account_that_was_linked_to_a_provider_just_now_does_not_approve_yet() {
    let (mut place, grace) = settled().await;
    let text = mission("backend", "Build the API.");
    let (review, hash) = (place.propose(&text).await, hash_of(&text));
    let (tenant, now) = (place.desk.founder.tenant, place.desk.proven().proven_at.0);
    place
        .sql(&format!(
            "insert into sso_identity (tenant_id, issuer, subject, person_id, linked_ms)
             values ('{tenant}', 'https://id.example', 'grace', '{}', {now})",
            grace.person
        ))
        .await;
    let refused = conflict(place.decide_as(&grace, review, YES, &hash).await);
    assert!(refused.contains("linked to an account for single sign-on"), "{refused}");
    assert!(conflict(place.decide(review, YES, &hash).await).contains("Another founder"), "Grace counts all the same");
    // That the provider is gone again changes nothing.
    place.sql("delete from sso_identity").await;
    conflict(place.decide_as(&grace, review, YES, &hash).await);
    place.hours_pass(72).await;
    place.decide_as(&grace, review, YES, &hash).await.unwrap();
}

/// Below the code, whatever is in a row of the console's role.
#[tokio::test]
async fn the_database_knows_by_itself_who_counts() {
    let (mut place, grace) = settled().await;
    let eve = place.member(13, "Eve", Role::Founder).await;
    let text = mission("backend", "Build the API.");
    let (review, hash) = (place.propose(&text).await, hash_of(&text));
    let ada = place.desk.proven();
    place.desk.service.remove_member(&ada, grace.person).await.unwrap();
    let (tenant, now) = (ada.tenant, ada.proven_at.0);
    let decided = |person: PersonId| {
        format!(
            "insert into review_decision (tenant_id, review_id, seq, sha256, decision, person_id, how, proven_ms, at_ms,
                                          reason, self_approved, needed)
             values ('{tenant}', '{review}', 900001, '\\x{hash}', 'approved', '{person}', 'passkey', {now}, {now}, 'Fits', false, 1)"
        )
    };
    for (who, sql, words) in [
        ("the author, alone since just now", decided(ada.person), "author and approver are two"),
        ("a founder since just now", decided(eve.person), "a founder of three days"),
        ("a founder no more", decided(grace.person), "needs a founder"),
        ("a term", "update founder_term set from_ms = 0".to_owned(), "permission denied"),
        ("no term", "delete from founder_term".to_owned(), "permission denied"),
        ("no link", "delete from founder_link".to_owned(), "permission denied"),
        (
            "a trigger of one's own",
            "create temporary table mine (tenant_id uuid, person_id uuid, role text);
             create trigger mine after insert on mine for each row execute function keep_founder_term()"
                .to_owned(),
            "permission denied",
        ),
        (
            "another term",
            format!(
                "insert into founder_term (tenant_id, person_id, from_ms, counts_ms) values ('{tenant}', '{}', 0, 0)",
                eve.person
            ),
            "permission denied",
        ),
    ] {
        let refused = place.as_web(&sql).await.expect_err(who);
        assert!(refused.contains(words), "{who}: {refused}");
    }
}

#[test]
fn the_wait_is_said_in_hours_and_never_less_than_it_is() {
    for (ms, words) in [(72 * HOUR_MS, "in 72 hours"), (HOUR_MS + 1, "in 2 hours"), (1, "within the hour")] {
        let said = counts_later(Millis(ms), Millis(0));
        assert!(said.starts_with(&format!("Your approval counts {words}:")), "{said}");
    }
}
