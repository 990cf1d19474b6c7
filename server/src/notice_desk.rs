//! Tells people what waits, outside the console: finds out, puts mails into the outbox, and sends webhooks. Every serving
//! process does so; nobody is told twice, and each delivery is with one process at a time.

use countersign_domain::TenantId;
use countersign_service::{Error, Service};
use countersign_store::{Change, Changes};
use std::{collections::HashSet, time::Duration};
use tokio::{
    sync::broadcast::{Receiver, error::TryRecvError},
    time::MissedTickBehavior,
};
use tokio_util::sync::CancellationToken;

/// How late somebody is told, at most, when nothing is in the way.
const EVERY: Duration = Duration::from_secs(2);
/// Rounds between two in which every organization is looked at: time alone makes deadlines near, and digests due.
const ALL_EVERY: u32 = 30;
/// Rounds between two of tidying up.
const TIDY_EVERY: u32 = 1800;
/// How soon a webhook leaves.
const SEND_EVERY: Duration = Duration::from_millis(500);

/// Works until told to stop.
pub async fn run(service: Service, changes: Changes, stop: CancellationToken) {
    let mut changes = changes.subscribe();
    let mut rounds = tokio::time::interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut round, mut is_out, mut missed) = (0_u32, false, false);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        let (heard, lost) = changed(&mut changes);
        let worked = work(&service, heard, missed || lost || round.is_multiple_of(ALL_EVERY), round).await;
        // Said once: the database tells of itself elsewhere.
        if let (Err(error), false) = (&worked, is_out) {
            tracing::warn!(%error, "people are not told what waits");
        }
        is_out = worked.is_err();
        // What was heard is lost with the round: all are looked at in the next.
        missed = worked.is_err();
        round = round.wrapping_add(1);
    }
}

/// What fails for one organization holds up no other.
async fn work(service: &Service, mut tenants: HashSet<TenantId>, all: bool, round: u32) -> Result<(), Error> {
    let tidies = round.is_multiple_of(TIDY_EVERY);
    if all || tidies {
        tenants.extend(service.brief_tenants().await?);
    }
    let mut worked = Ok(());
    for tenant in tenants {
        if tidies && let Err(error) = service.tidy_notices(tenant).await {
            worked = Err(error);
        }
        if let Err(error) = service.keep_notices(tenant).await {
            worked = Err(error);
        }
    }
    worked
}

fn changed(changes: &mut Receiver<Change>) -> (HashSet<TenantId>, bool) {
    let (mut tenants, mut lost) = (HashSet::new(), false);
    loop {
        match changes.try_recv() {
            Ok(change) => drop(tenants.insert(change.tenant)),
            Err(TryRecvError::Lagged(_)) => lost = true,
            Err(TryRecvError::Empty | TryRecvError::Closed) => return (tenants, lost),
        }
    }
}

/// Sends webhooks until told to stop.
pub async fn send(service: Service, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(SEND_EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_out = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        let sent = loop {
            match service.send_due_webhooks().await {
                Ok(0) => break Ok(()),
                Ok(_) if stop.is_cancelled() => return,
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        if let (Err(error), false) = (&sent, is_out) {
            tracing::warn!(%error, "webhooks wait");
        }
        is_out = sent.is_err();
    }
}
