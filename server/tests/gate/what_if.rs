//! What of the past would have gone otherwise, counted over as many tasks as a year has.

use crate::place::{Place, role};
use countersign_domain::reading::RoleWhatIf;

/// Tasks of each kind: recipient, kind, sender, whether that is known, how many.
const PAST: [(&str, &str, &str, bool, i32); 10] = [
    ("backend", "build_endpoint", "ceo", true, 5_000),
    ("backend", "fix_bug", "ceo", true, 4_000),
    ("backend", "write_docs", "ceo", true, 300),
    ("frontend", "review_ui", "backend", true, 2_000),
    ("marketing", "post", "backend", true, 41),
    ("cso", "look", "backend", true, 1_000),
    // To itself: what is not sent is not taken.
    ("backend", "build_endpoint", "backend", true, 59),
    // Somebody says so, and nobody knows.
    ("frontend", "review_ui", "backend", false, 700),
    ("frontend", "draw", "ceo", true, 11_000),
    ("legal", "advise", "cso", true, 400),
];

async fn fill(place: &mut Place) {
    for (recipient, kind, sender, known, count) in PAST {
        sqlx::query(
            "insert into task (tenant_id, id, agent, kind, state, payload, headers, claimed_sender, sender_verified,
                               created_ms, updated_ms, ended_ms, priority)
             select $1, gen_random_uuid(), $2, $3, 'succeeded', '{}', '[]', $4, $5, n, n, n, 0 from generate_series(1, $6) n",
        )
        .bind(place.desk.founder.tenant.0)
        .bind(recipient)
        .bind(kind)
        .bind(sender)
        .bind(known)
        .bind(count)
        .execute(&mut place.owner)
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn the_figures_of_a_year_are_exactly_those_that_the_two_files_say() {
    let mut place = Place::start().await;
    let old = role(
        "backend",
        &["mission: Build.", "consumes: { kinds: [build_endpoint, fix_bug] }", "delegates_to: [frontend, cso]"],
    );
    let new = role(
        "backend",
        &["mission: Build.", "consumes: { kinds: [fix_bug, write_docs] }", "delegates_to: [cso, marketing]"],
    );
    fill(&mut place).await;
    let of = async |place: &Place, review| -> RoleWhatIf {
        let found = place.desk.service.read_what_if(&place.desk.proven(), review).await.unwrap();
        println!("{} tasks in {} ms", found.tasks, found.took_ms);
        found
    };
    // A first file: nothing was allowed before.
    let first = place.propose(&old).await;
    let found = of(&place, first).await;
    assert_eq!((found.tasks, found.concerned), (24_500, 12_400));
    assert_eq!((found.refused, found.newly_allowed), (0, 5_000 + 4_000 + 2_000 + 1_000 + 59));
    assert!(found.refused_list.is_empty() && found.newly_allowed_list.len() == 200);
    place.desk.approve(first).await;
    // Against itself nothing goes otherwise, though it is not compared with what it is.
    let second = place.propose(&new).await;
    let found = of(&place, second).await;
    assert_eq!((found.tasks, found.concerned), (24_500, 12_400));
    assert_eq!(found.refused, 5_000 + 2_000 + 59, "kinds that it takes no longer, and an agent that it may not task");
    assert_eq!(found.newly_allowed, 300 + 41);
    assert_eq!((found.refused_list.len(), found.newly_allowed_list.len()), (200, 200));
    for row in found.refused_list.iter().chain(&found.newly_allowed_list) {
        let is_sent = row.sender.as_deref() == Some("backend") && row.recipient != "backend";
        assert_eq!(row.sending, is_sent, "{row:?}");
        assert!(PAST.iter().any(|(to, kind, from, known, _)| {
            *known && row.recipient == *to && row.kind == *kind && row.sender.as_deref() == Some(from)
        }));
        let task = place.desk.service.read_task(&place.desk.proven(), row.task.parse().unwrap()).await.unwrap();
        assert_eq!((task.row.agent.as_str(), task.row.kind.as_str()), (row.recipient.as_str(), row.kind.as_str()));
    }
    // The reverse of it, once it is approved.
    place.desk.approve(second).await;
    let third = place.propose(&old).await;
    let back = of(&place, third).await;
    assert_eq!((back.refused, back.newly_allowed), (found.newly_allowed, found.refused));
}

#[tokio::test]
async fn another_organizations_past_is_not_looked_at() {
    let mut place = Place::start().await;
    fill(&mut place).await;
    let eve = place.organization(13, "other").await;
    let review = place.desk.service.propose_role(&eve, &role("backend", &["mission: Theirs."])).await.unwrap();
    let found = place.desk.service.read_what_if(&eve, review).await.unwrap();
    assert_eq!((found.tasks, found.concerned, found.newly_allowed), (0, 0, 0));
}
