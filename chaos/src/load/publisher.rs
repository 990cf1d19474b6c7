//! Publishes its share of the tasks, each until it is acknowledged; some are given by the founder instead.

use super::{Spec, founder::Founder};
use crate::{ledger::Ledger, stock, stock::Published};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// After a refusal, which says that the queue is full.
const PAUSE: Duration = Duration::from_millis(200);
/// Tasks that share a trace: fewer than what the product takes for a loop.
const OF_A_TRACE: u64 = 40;

pub(super) async fn run(
    giver: stock::Agent,
    founder: Founder,
    ledger: Arc<Ledger>,
    spec: Spec,
    number: u64,
    mut released: watch::Receiver<u64>,
) {
    let mut connection = giver.connect().await;
    let mut task = number;
    while task < spec.tasks {
        if released.wait_for(|released| *released > task).await.is_err() {
            return;
        }
        let agents = spec.agents.len() as u64;
        let agent = spec.agents[usize::try_from(task % agents).unwrap_or(0)];
        let id = ledger.message_id(task);
        let mut payload = json!({ "title": id, "n": task, "correlation_id": format!("trace-{}", task / OF_A_TRACE) });
        if spec.padding > 0 {
            payload["padding"] = json!("x".repeat(spec.padding));
        }
        let payload = payload.to_string().into_bytes();
        ledger.issue(task);
        // Where all publishers' shares meet, so that each has some.
        let founders = spec.founders_share > 0 && (task / spec.publishers).is_multiple_of(spec.founders_share);
        if founders && task >= spec.mix.in_order() {
            founder.give(agent, &id, &payload).await;
            ledger.published(task, &Published::Acknowledged { sequence: 0, duplicate: false });
            task += spec.publishers;
            continue;
        }
        loop {
            let outcome = connection.publish(&format!("tasks.{agent}.flow"), &id, payload.clone()).await;
            ledger.published(task, &outcome);
            match outcome {
                Published::Acknowledged { .. } => break,
                Published::Refused(_) => tokio::time::sleep(PAUSE).await,
                Published::Unanswered => connection = giver.connect().await,
            }
        }
        task += spec.publishers;
    }
    // A connection that ends early would look like a fault.
    std::future::pending::<()>().await;
}
