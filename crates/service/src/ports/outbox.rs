//! What is to be done on the bus, for the relay that does it.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{
    Millis, TaskId, TenantId,
    bus_fact::{Headers, Issue},
};

/// One thing to do on the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    /// Its place in the outbox.
    pub seq: i64,
    /// The same at every try, so that the bus can drop a repetition.
    pub message_id: String,
    pub kind: ErrandKind,
    /// Tries so far.
    pub tries: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrandKind {
    Publish {
        subject: String,
        headers: Headers,
        payload: Vec<u8>,
        /// Set where the message carries a task.
        task: Option<(TaskId, Issue)>,
    },
    /// Takes a message out of `TASKS`, if the stream is still the one that was created at `epoch`.
    Remove { epoch: i64, sequence: u64 },
}

#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes in hand what is due and has room in its agent's queue, in the order in which it is to be done.
    /// From then on it counts as gone out, for it may be; taken again after a crash, it is done again.
    async fn take(&self, tenant: TenantId, now: Millis, limit: u32) -> Result<Vec<Errand>, StoreError>;
    /// When the next thing is due, whether or not there is room for it.
    async fn next_due(&self, tenant: TenantId) -> Result<Option<Millis>, StoreError>;
    /// The bus has confirmed these.
    async fn done(&self, tenant: TenantId, seqs: &[i64], now: Millis) -> Result<(), StoreError>;
    /// The bus refused, for `error`; to be tried again at `until`.
    async fn put_off(&self, tenant: TenantId, seq: i64, error: &str, until: Millis) -> Result<(), StoreError>;
    /// Drops what was done long ago.
    async fn forget(&self, tenant: TenantId, now: Millis) -> Result<(), StoreError>;
}
