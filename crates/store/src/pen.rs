//! The one way to change a tenant's record: entries are journaled, projected into the read models, and
//! what follows from them is decided, journaled and put into the outbox, all in one transaction.

use crate::{
    changes::{Change, notify},
    db::{Db, unavailable},
    journal::{self, Head},
    outbox::Message,
    projection::{self, Derived, Expect, Line},
    settle,
};
use countersign_domain::{Act, Millis, TenantId, journal::Entry, journal::What};
use countersign_service::{failpoint, ports::StoreError};
use sqlx::{Postgres, Transaction};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A transaction that holds the tenant's journal. Dropped without [`Pen::commit`], nothing happened.
pub(crate) struct Pen {
    pub tx: Transaction<'static, Postgres>,
    pub tenant: TenantId,
    head: Head,
    /// Tasks that may have changed, of which it is not decided yet what follows.
    touched: BTreeMap<Uuid, Derived>,
    outbox: Vec<Message>,
    wrote: bool,
    fleet: bool,
}

impl Pen {
    /// Waits for its turn: whoever appends to this tenant's journal does so alone.
    pub async fn open(db: &Db, tenant: TenantId) -> Result<Self, StoreError> {
        Self::of(db.tenant_tx(tenant).await?, tenant).await
    }

    /// As [`Pen::open`], in a transaction that has begun.
    pub async fn of(mut tx: projection::Tx, tenant: TenantId) -> Result<Self, StoreError> {
        let head = journal::lock_head(&mut tx).await?;
        Ok(Self { tx, tenant, head, touched: BTreeMap::new(), outbox: Vec::new(), wrote: false, fleet: false })
    }

    /// The number that the next entry gets.
    pub fn next_seq(&self) -> i64 {
        self.head.seq + 1
    }

    /// Journals what happened and brings the read models up to it.
    pub async fn write(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        projection::keep_ahead(&mut self.tx, self.tenant, &projection::facts(entries), Expect::Any).await?;
        self.write_kept(entries).await
    }

    /// As [`Pen::write`], after [`projection::keep_ahead`] in the same transaction.
    pub async fn write_kept(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let first = self.next_seq();
        self.head = journal::append(&mut self.tx, self.tenant, self.head, entries).await?;
        let lines: Vec<Line<'_>> = (first..).zip(entries).map(|(seq, entry)| Line { seq, entry }).collect();
        self.touched.extend(projection::apply(&mut self.tx, self.tenant, &lines).await?);
        self.wrote = true;
        self.fleet |= entries.iter().any(|entry| {
            matches!(
                entry.what,
                What::BreakerMoved { .. }
                    | What::AgentPaused { .. }
                    | What::AgentResumed { .. }
                    | What::AgentCreated { .. }
                    | What::ReviewDecided { .. }
                    | What::ApprovalsAsked { .. }
            )
        });
        Ok(())
    }

    pub async fn write_one(&mut self, at: Millis, what: What) -> Result<(), StoreError> {
        self.write(&[Entry::new(at, what)]).await
    }

    /// Journals what a person did.
    pub async fn write_act(&mut self, act: &Act, what: What) -> Result<(), StoreError> {
        self.write(&[Entry::by(act, what)]).await
    }

    /// Has open pages told that something changed of which the journal does not speak yet.
    pub fn announce(&mut self) {
        self.wrote = true;
    }

    /// Puts a message into the outbox.
    pub fn send(&mut self, message: Message) {
        self.outbox.push(message);
    }

    /// Decides what follows, and commits. Answers the journal's length.
    pub async fn commit(mut self, now: Millis) -> Result<i64, StoreError> {
        let mut letters = false;
        // A decision may make another due (a dead letter opens a breaker); three rounds reach the end.
        for _ in 0..3 {
            let touched = std::mem::take(&mut self.touched);
            let settled = settle::decide(&mut self.tx, &touched, now).await?;
            if settled.entries.is_empty() {
                self.outbox.extend(settled.messages);
                break;
            }
            letters |= settled.entries.iter().any(|entry| matches!(entry.what, What::DeadLettered { .. }));
            self.outbox.extend(settled.messages);
            self.write(&settled.entries).await?;
        }
        let outbox = !self.outbox.is_empty();
        crate::outbox::insert(&mut self.tx, self.tenant, &self.outbox).await?;
        if self.wrote || outbox {
            let change = Change { tenant: self.tenant, seq: self.head.seq, tasks: true, fleet: self.fleet, outbox };
            notify(&mut self.tx, change).await?;
        }
        self.tx.commit().await.map_err(unavailable)?;
        if letters {
            failpoint::hit("dead_letter.after_commit");
        }
        Ok(self.head.seq)
    }
}
