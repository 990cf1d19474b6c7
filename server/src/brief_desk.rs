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
/// What failed is tried again after so long. Milliseconds.
const RETRY_MS: i64 = 3_000;
/// No organization's questions are looked at for longer in one round.
const BATCH: Duration = Duration::from_secs(30);

/// What one process knows of what is due.
struct Desk {
    service: Service,
    clock: Arc<dyn Clock>,
    changes: Receiver<Change>,
    /// When something is due next, by organization; those of which nothing is are not in it.
    due: HashMap<TenantId, Millis>,
    /// Something changed of which it is not known where.
    missed: bool,
}

/// Works until told to stop.
pub async fn run(service: Service, clock: Arc<dyn Clock>, changes: Changes, stop: CancellationToken) {
    let mut desk = Desk { service, clock, changes: changes.subscribe(), due: HashMap::new(), missed: false };
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
        round = round.wrapping_add(1);
    }
}

impl Desk {
    /// Looks after the organizations in which something changed or is due; after `all` of them when asked to. What
    /// fails in one holds up no other, and is tried again.
    async fn work(&mut self, all: bool) -> Result<(), Error> {
        let mut tenants = self.changed(all).await?;
        let now = self.clock.now();
        tenants.extend(self.due.iter().filter(|(_, due)| **due <= now).map(|(tenant, _)| *tenant));
        let mut worked = Ok(());
        for tenant in tenants {
            let next = self.look_after(tenant).await.unwrap_or_else(|error| {
                worked = Err(error);
                Some(Millis(now.0 + RETRY_MS))
            });
            match next {
                Some(next) => drop(self.due.insert(tenant, next)),
                None => drop(self.due.remove(&tenant)),
            }
        }
        worked
    }

    /// Answers when something is due next. What is due comes first, and one batch of what is asked after it: whoever
    /// asks without end, or names evidence that takes long to look at, holds up no decision, and nobody else for long.
    async fn look_after(&self, tenant: TenantId) -> Result<Option<Millis>, Error> {
        let next = self.service.settle_briefs(tenant).await?;
        let taken = tokio::time::timeout(BATCH, self.service.take_briefs(tenant)).await;
        let now = self.clock.now();
        let Ok(taken) = taken else { return Ok(Some(Millis(now.0 + RETRY_MS))) };
        Ok(if taken? > 0 { Some(now) } else { next })
    }

    async fn changed(&mut self, mut all: bool) -> Result<HashSet<TenantId>, Error> {
        let mut tenants = HashSet::new();
        all |= std::mem::take(&mut self.missed);
        loop {
            match self.changes.try_recv() {
                Ok(change) => drop(tenants.insert(change.tenant)),
                Err(TryRecvError::Lagged(_)) => all = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        if all {
            // What was heard is lost where the database does not answer: then all are looked at the next time.
            self.missed = true;
            tenants.extend(self.service.brief_tenants().await?);
            self.missed = false;
        }
        Ok(tenants)
    }
}
