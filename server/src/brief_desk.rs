//! Keeps briefs in time: takes what agents ask, lets held decisions count, and does at a deadline what was said before.
//! Every serving process does so; each thing happens once.

use countersign_domain::{Millis, TenantId};
use countersign_service::{Error, Service, ports::Clock};
use countersign_store::{Change, Changes};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};
use tokio_util::sync::CancellationToken;

/// How late a decision counts, at most, when nothing is in the way.
const EVERY: Duration = Duration::from_millis(500);
/// Rounds between two in which every organization is looked at: a notification may be lost.
const ALL_EVERY: u32 = 60;

/// What one process knows of what is due.
struct Desk {
    service: Service,
    clock: Arc<dyn Clock>,
    changes: Receiver<Change>,
    /// When something is due next, by organization; those of which nothing is are not in it.
    due: HashMap<TenantId, Millis>,
}

/// Works until told to stop.
pub async fn run(service: Service, clock: Arc<dyn Clock>, changes: Changes, stop: CancellationToken) {
    let mut desk = Desk { service, clock, changes: changes.subscribe(), due: HashMap::new() };
    let mut rounds = tokio::time::interval(EVERY);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut round, mut is_out) = (0_u32, false);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        let worked = desk.work(round.is_multiple_of(ALL_EVERY)).await;
        // Said once: the database tells of itself elsewhere.
        if let (Err(error), false) = (&worked, is_out) {
            tracing::warn!(%error, "briefs wait");
        }
        is_out = worked.is_err();
        // After a failure all are looked at: which of them was not, is not known.
        round = if is_out { 0 } else { round.wrapping_add(1) };
    }
}

impl Desk {
    /// Looks after the organizations in which something changed or is due; after `all` of them when asked to.
    async fn work(&mut self, all: bool) -> Result<(), Error> {
        let mut tenants = self.changed(all).await?;
        let now = self.clock.now();
        tenants.extend(self.due.iter().filter(|(_, due)| **due <= now).map(|(tenant, _)| *tenant));
        for tenant in tenants {
            while self.service.take_briefs(tenant).await? > 0 {}
            match self.service.settle_briefs(tenant).await? {
                Some(next) => drop(self.due.insert(tenant, next)),
                None => drop(self.due.remove(&tenant)),
            }
        }
        Ok(())
    }

    async fn changed(&mut self, mut all: bool) -> Result<HashSet<TenantId>, Error> {
        let mut tenants = HashSet::new();
        loop {
            match self.changes.try_recv() {
                Ok(change) => drop(tenants.insert(change.tenant)),
                Err(TryRecvError::Lagged(_)) => all = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        if all {
            tenants.extend(self.service.brief_tenants().await?);
        }
        Ok(tenants)
    }
}
