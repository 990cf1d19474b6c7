//! From journal entries to read models, a whole batch at a time. Pure in effect: the same entries give the
//! same rows, however they are cut into batches, so that a rebuild from the journal is equal byte by byte.
//! Each step is therefore one of two kinds: it keeps what an entry says (`keep_*`), or it derives a row
//! anew from everything kept so far (`derive`).

mod act;
mod artifact;
mod control;
mod derive;
mod event;
mod letter;
mod message;
mod task;

use countersign_domain::{
    Millis, TenantId,
    bus_fact::{Fact, FactBody, Position, TaskSignal},
    journal::{Entry, What},
};
use countersign_service::ports::StoreError;
use sqlx::{Postgres, Transaction};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub(crate) use derive::Derived;

pub(crate) type Tx = Transaction<'static, Postgres>;

/// A journal entry with its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub seq: i64,
    pub entry: &'a Entry,
}

impl Line<'_> {
    fn at(&self) -> Millis {
        self.entry.at
    }
}

/// What a message of the bus said, with its place there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeptFact<'a> {
    at: Millis,
    position: &'a Position,
    body: &'a FactBody,
}

impl<'a> KeptFact<'a> {
    pub fn of(fact: &'a Fact) -> Self {
        Self { at: fact.at, position: &fact.position, body: &fact.body }
    }
}

/// What the bus said, of all that happened.
pub(crate) fn facts(entries: &[Entry]) -> Vec<KeptFact<'_>> {
    let mut facts = Vec::new();
    for entry in entries {
        if let What::Received { position, body } = &entry.what {
            facts.push(KeptFact { at: entry.at, position, body });
        }
    }
    facts
}

/// A signal of an attempt with the place it is kept under.
pub(crate) struct KeptSignal<'a> {
    source: Position,
    signal: &'a TaskSignal,
}

/// The stream name under which signals are kept that did not come from the bus.
const OWN: &str = "API";

/// What is known of the rows that are about to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expect {
    /// None of them is there: it takes Postgres half the time to write them so. One that is there fails the
    /// transaction.
    New,
    /// Some may be there, and stay as they are.
    Any,
}

impl Expect {
    pub fn on_conflict(self) -> &'static str {
        match self {
            Self::New => "",
            Self::Any => "on conflict do nothing",
        }
    }
}

/// Keeps what needs no place in the journal: it may be done before, in the same transaction.
pub(crate) async fn keep_ahead(
    tx: &mut Tx,
    tenant: TenantId,
    facts: &[KeptFact<'_>],
    expect: Expect,
) -> Result<(), StoreError> {
    let signals: Vec<KeptSignal<'_>> = facts
        .iter()
        .filter_map(|fact| match fact.body {
            FactBody::TaskSignalled(signal) => Some(KeptSignal { source: fact.position.clone(), signal }),
            _ => None,
        })
        .collect();
    message::keep_signals(tx, tenant, &signals, expect).await?;
    task::keep_ahead(tx, tenant, facts, expect).await
}

/// Applies new entries, of which [`keep_ahead`] is done; answers the tasks that may have changed, as they
/// stand now.
pub(crate) async fn apply(
    tx: &mut Tx,
    tenant: TenantId,
    lines: &[Line<'_>],
) -> Result<BTreeMap<Uuid, Derived>, StoreError> {
    let mut touched: BTreeSet<Uuid> = BTreeSet::new();
    let mut signals: Vec<KeptSignal<'_>> = Vec::new();
    let mut reported: Vec<KeptSignal<'_>> = Vec::new();
    let mut events = Vec::new();
    for line in lines {
        match &line.entry.what {
            What::Received { position, body } => match body {
                FactBody::TaskSignalled(signal) => {
                    signals.push(KeptSignal { source: position.clone(), signal });
                    if let Some(event) = &signal.event {
                        events.push((position, line.at(), &**event));
                    }
                }
                FactBody::EventReceived(event) => events.push((position, line.at(), event)),
                FactBody::TaskReceived(_) | FactBody::Quarantined(_) => {}
            },
            What::AttemptReported { signal, .. } => {
                let source = Position { stream: OWN.to_owned(), epoch: 0, sequence: line.seq.unsigned_abs() };
                reported.push(KeptSignal { source, signal });
            }
            _ => {}
        }
    }
    task::keep_created(tx, tenant, lines, &mut touched).await?;
    let fresh = task::keep_received(tx, tenant, lines, &mut touched).await?;
    message::keep_signals(tx, tenant, &reported, Expect::Any).await?;
    signals.append(&mut reported);
    message::keep_quarantined(tx, tenant, lines).await?;
    event::keep(tx, tenant, &events).await?;
    task::keep_acts(tx, lines, &mut touched).await?;
    letter::keep(tx, tenant, lines, &mut touched).await?;
    control::keep(tx, tenant, lines).await?;
    act::keep(tx, tenant, lines).await?;
    artifact::keep(tx, tenant, lines).await?;
    message::find_signalled(tx, &signals, &mut touched).await?;
    event::find_paid(tx, &events, &mut touched).await?;
    let said = |what: fn(&What) -> bool| lines.iter().any(|line| what(&line.entry.what));
    // A message that came after its signals or costs brings them along.
    let received = said(|what| matches!(what, What::Received { body: FactBody::TaskReceived(_), .. }));
    let reported = said(|what| matches!(what, What::AttemptReported { micro_usd: Some(_), .. }));
    let costs = received || reported || events.iter().any(|(.., event)| event.micro_usd.is_some());
    derive::tasks(tx, tenant, &touched, fresh, costs).await
}
