//! Tells people what waits, outside the console: finds out, puts mails into the outbox, and sends webhooks. Every serving
//! process does so; nobody is told twice, and each delivery is with one process at a time.

use countersign_domain::TenantId;
use countersign_service::{Error, Service};
use countersign_store::{Change, Changes};
use std::{collections::HashSet, time::Duration};
use tokio::{
    sync::broadcast::{Receiver, error::TryRecvError},
    task::JoinSet,
    time::MissedTickBehavior,
};
use tokio_util::sync::CancellationToken;

/// How late somebody is told, at most, when nothing is in the way.
const EVERY: Duration = Duration::from_secs(2);
/// Rounds between two in which every organization is looked at: time alone makes deadlines near, and digests due.
const ALL_EVERY: u32 = 30;
/// Rounds between two of tidying up.
const TIDY_EVERY: u32 = 1800;
/// So many webhooks are on their way at a time.
const AT_A_TIME: usize = 32;
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

/// Sends webhooks until told to stop. As soon as one is done with, the next that is due leaves: whoever answers slowly
/// takes one place of many.
pub async fn send(service: Service, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(SEND_EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut under_way = JoinSet::new();
    let mut is_out = false;
    loop {
        let done = tokio::select! {
            () = stop.cancelled() => break,
            Some(done) = under_way.join_next() => done.unwrap_or(Ok(())),
            _ = rounds.tick() => Ok(()),
        };
        let sent = match done {
            Ok(()) => fill(&service, &mut under_way).await,
            error => error,
        };
        if let (Err(error), false) = (&sent, is_out) {
            tracing::warn!(%error, "webhooks wait");
        }
        is_out = sent.is_err();
    }
    // What is on its way is noted, if there is time.
    while under_way.join_next().await.is_some() {}
}

/// Has what is due leave, as far as there is room.
async fn fill(service: &Service, under_way: &mut JoinSet<Result<(), Error>>) -> Result<(), Error> {
    while under_way.len() < AT_A_TIME {
        let Some(due) = service.next_webhook().await? else { break };
        let service = service.clone();
        under_way.spawn(async move { service.send_webhook(due).await });
    }
    Ok(())
}
