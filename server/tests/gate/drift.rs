//! Heartbeats carry the hash of what runs. Whoever runs what was not approved is paused.

use crate::{
    harness::{eventually, stock::Connection},
    place::{Place, hash_of, mission},
};
use std::time::{Duration, Instant};

/// The watch looks every second.
const TURNS: Duration = Duration::from_secs(15);

async fn beat(client: &Connection, agent: &str, hash: &str) {
    let payload = format!(r#"{{"role_sha256":"{hash}"}}"#);
    client.publish(&format!("events.{agent}.heartbeat"), &[], payload).await.unwrap();
}

/// Waits until the agent is paused; answers by whom and why.
async fn paused(place: &Place, agent: &str) -> (String, String) {
    eventually(&format!("a pause of {agent}"), async || {
        let paused = place.desk.agent_detail(agent).await.row.paused;
        paused.map(|pause| (pause.by, pause.reason.unwrap_or_default())).ok_or_else(|| "it goes on".to_owned())
    })
    .await
}

#[tokio::test]
async fn whoever_runs_what_was_not_approved_is_paused_with_both_hashes() {
    let mut place = Place::start().await;
    let (right, wrong) = (mission("backend", "Build the API."), mission("frontend", "Draw."));
    let upper = mission("legal", "Advise.");
    let mut clients = Vec::new();
    for text in [&right, &wrong, &upper] {
        clients.push(place.desk.agent_of(text).await.connect().await);
    }
    // What waits for a review is not approved, and what is approved is right while it waits.
    place.propose(&mission("backend", "Build the API well.")).await;
    let foreign = hash_of("somebody has edited it");
    beat(&clients[0], "backend", &hash_of(&right)).await;
    beat(&clients[2], "legal", &hash_of(&upper).to_uppercase()).await;
    let began = Instant::now();
    beat(&clients[1], "frontend", &foreign).await;
    let (by, why) = paused(&place, "frontend").await;
    println!("paused after {:?}", began.elapsed());
    assert!(began.elapsed() < TURNS, "{:?}", began.elapsed());
    assert_eq!(by, "Countersign");
    assert!(why.contains(&foreign) && why.contains(&hash_of(&wrong)), "{why}");
    // The others were said before, and looked at in the same turn.
    for agent in ["backend", "legal"] {
        let row = place.desk.agent_detail(agent).await.row;
        assert!(row.last_heartbeat.is_some() && row.paused.is_none(), "{row:?}");
    }
    assert_eq!(place.number("select count(*) from journal where kind = 'agent.paused'").await, 1);
    // It cannot go on by saying nothing, or by what is no hash; it can by the right one, once a founder lets it.
    let said = place.desk.agent_detail("frontend").await.row.last_heartbeat;
    beat(&clients[1], "frontend", &hash_of(&wrong)).await;
    // Resumed before that is heard, it would be paused for what it said last, rightly.
    eventually("the right word to be heard", async || {
        let heard = place.desk.agent_detail("frontend").await.row.last_heartbeat;
        if heard > said { Ok(()) } else { Err(format!("{heard:?}")) }
    })
    .await;
    place.desk.service.resume_agent(&place.desk.proven(), &"frontend".parse().unwrap()).await.unwrap();
    clients[1].publish("tasks.frontend.draw", &[], "{}").await.unwrap();
    clients[1].take_task().await.ack().await.unwrap();
    assert!(place.desk.agent_detail("frontend").await.row.paused.is_none());
}

#[tokio::test]
async fn the_file_that_waits_and_the_file_that_was_revoked_are_not_what_is_approved() {
    let mut place = Place::start().await;
    let old = mission("backend", "Build the API.");
    let client = place.desk.agent_of(&old).await.connect().await;
    let newer = mission("backend", "Build the API well.");
    let review = place.propose(&newer).await;
    beat(&client, "backend", &hash_of(&newer)).await;
    let (_, why) = paused(&place, "backend").await;
    assert!(why.contains(&hash_of(&newer)) && why.contains(&hash_of(&old)), "{why}");

    // Approved, and with a credential of it, the same word is right.
    place.desk.approve(review).await;
    place.issue("backend").await.unwrap();
    place.desk.service.resume_agent(&place.desk.proven(), &"backend".parse().unwrap()).await.unwrap();
    beat(&client, "backend", &hash_of(&newer)).await;
    client.publish("tasks.backend.fix_bug", &[], "{}").await.unwrap();
    client.take_task().await.ack().await.unwrap();
    assert!(place.desk.agent_detail("backend").await.row.paused.is_none());
    assert_eq!(place.number("select count(*) from journal where kind = 'agent.paused'").await, 1);
}
