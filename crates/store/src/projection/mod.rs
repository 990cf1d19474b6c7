//! From journal entries to read models, a whole batch at a time. Pure in effect: the same entries give the
//! same rows, however they are cut into batches, so that a rebuild from the journal is equal byte by byte.
//! Each step is therefore one of two kinds: it keeps what an entry says (`keep_*`), or it derives a row
//! anew from everything kept so far (`derive`).

mod act;
mod control;
mod derive;
mod event;
mod letter;
mod message;
mod task;

use countersign_domain::{
    Millis, TenantId,
    bus_fact::{FactBody, Position, TaskSignal},
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

/// A signal of an attempt with the place it is kept under.
pub(crate) struct KeptSignal<'a> {
    source: Position,
    signal: &'a TaskSignal,
}

/// The stream name under which signals are kept that did not come from the bus.
const OWN: &str = "API";

/// Applies new entries; answers the tasks that may have changed, as they stand now.
pub(crate) async fn apply(
    tx: &mut Tx,
    tenant: TenantId,
    lines: &[Line<'_>],
) -> Result<BTreeMap<Uuid, Derived>, StoreError> {
    let mut touched: BTreeSet<Uuid> = BTreeSet::new();
    let mut signals: Vec<KeptSignal<'_>> = Vec::new();
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
                signals.push(KeptSignal { source, signal });
            }
            _ => {}
        }
    }
    task::keep_created(tx, tenant, lines, &mut touched).await?;
    task::keep_received(tx, tenant, lines, &mut touched).await?;
    message::keep_signals(tx, tenant, &signals).await?;
    message::keep_quarantined(tx, tenant, lines).await?;
    event::keep(tx, tenant, &events).await?;
    task::keep_acts(tx, lines, &mut touched).await?;
    letter::keep(tx, tenant, lines, &mut touched).await?;
    control::keep(tx, tenant, lines).await?;
    act::keep(tx, tenant, lines).await?;
    message::find_signalled(tx, &signals, &mut touched).await?;
    event::find_paid(tx, &events, &mut touched).await?;
    let said = |what: fn(&What) -> bool| lines.iter().any(|line| what(&line.entry.what));
    // A message that came after its signals or costs brings them along.
    let received = said(|what| matches!(what, What::Received { body: FactBody::TaskReceived(_), .. }));
    let reported = said(|what| matches!(what, What::AttemptReported { micro_usd: Some(_), .. }));
    let costs = received || reported || events.iter().any(|(.., event)| event.micro_usd.is_some());
    derive::tasks(tx, tenant, &touched, costs).await
}
