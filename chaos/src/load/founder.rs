//! Closes the breakers that bad ends open: after an outage, tasks that were given back all along may die one
//! after the other, and the load is to go on.

use countersign_domain::Actor;
use countersign_service::Service;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(service: Service, founder: Actor, closed: Arc<AtomicU64>) {
    loop {
        tokio::time::sleep(EVERY).await;
        // While the database is away there is nothing to see; the next look will.
        let Ok(overview) = service.read_overview(&founder).await else { continue };
        for agent in overview.open_breakers {
            let Ok(agent) = agent.parse() else { continue };
            if service.close_breaker(&founder, &agent).await.is_ok() {
                closed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}
