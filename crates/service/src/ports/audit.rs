//! The journal as people read it, check it and take it along.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{
    Act, Millis, PersonId, TenantId,
    audit::Checked,
    journal::{Entry, What},
    reading::{ActQuery, Named, Turn},
};
use std::time::Duration;

/// One act as it is kept: without a task's payload.
#[derive(Debug, Clone)]
pub struct Noted {
    pub seq: i64,
    pub at: Millis,
    pub entry: Entry,
    pub hash: Vec<u8>,
    /// Who did it, where the entry names somebody; `gone` where nobody has that id any more.
    pub by: Option<Named>,
    pub whom: Option<Named>,
}

/// One entry as it was hashed.
#[derive(Debug, Clone)]
pub struct ChainLine {
    pub seq: i64,
    /// The hash before it: 32 times 0 for the first.
    pub previous: Vec<u8>,
    pub hash: Vec<u8>,
    pub canonical: Vec<u8>,
}

#[async_trait]
pub trait Audit: Send + Sync {
    /// Up to `limit` acts from there on, newest first, those after [`Turn::Newer`] oldest first. The query's text
    /// does not narrow.
    async fn acts(&self, tenant: TenantId, query: &ActQuery, turn: Turn, limit: u32) -> Result<Vec<Noted>, StoreError>;
    /// Everybody who ever acted, and all topics.
    async fn facets(&self, tenant: TenantId) -> Result<(Vec<(PersonId, Named)>, Vec<String>), StoreError>;
    /// The newest act of this kind.
    async fn last(&self, tenant: TenantId, kind: &str) -> Result<Option<Noted>, StoreError>;
    /// The entries with these numbers, as they were hashed; numbers that there are not are left out.
    async fn lines(&self, tenant: TenantId, seqs: &[i64]) -> Result<Vec<ChainLine>, StoreError>;
    /// Up to `limit` entries of the whole journal after one, in their order.
    async fn lines_after(&self, tenant: TenantId, seq: i64, limit: u32) -> Result<Vec<ChainLine>, StoreError>;
    /// Checks the chain from its beginning for so long at most. One check of a tenant at a time:
    /// [`StoreError::Refused`] for another.
    async fn check(&self, tenant: TenantId, budget: Duration) -> Result<Checked, StoreError>;
    /// Journals that somebody has checked or exported it.
    async fn note(&self, tenant: TenantId, act: &Act, what: What) -> Result<(), StoreError>;
}
