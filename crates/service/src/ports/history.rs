//! What was done: the read models derived from the journal.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{
    AgentName, Millis, TaskId, TenantId,
    reading::{
        EntryDetail, JournalHead, JournalPage, Overview, QuarantineRow, TaskDetail, TaskPage, TaskQuery, TaskRow, Trace,
    },
};

#[async_trait]
pub trait History: Send + Sync {
    /// One page of tasks. Cursors that are not ours give the first page.
    async fn search(&self, tenant: TenantId, query: &TaskQuery) -> Result<TaskPage, StoreError>;
    async fn task(&self, tenant: TenantId, id: TaskId) -> Result<TaskDetail, StoreError>;
    /// The page that begins at the cursor `after`; the first, where that is none of ours.
    /// [`StoreError::NotFound`] where nothing has this `correlation_id`.
    async fn trace(&self, tenant: TenantId, correlation_id: &str, after: &str) -> Result<Trace, StoreError>;
    /// One entry of the journal.
    async fn entry(&self, tenant: TenantId, seq: u64) -> Result<EntryDetail, StoreError>;
    /// The entries that follow number `after`, oldest first: [`JournalPage::SIZE`] at the most.
    async fn journal(&self, tenant: TenantId, after: u64) -> Result<JournalPage, StoreError>;
    async fn journal_head(&self, tenant: TenantId) -> Result<JournalHead, StoreError>;
    /// All of the overview but `bus` and `connect`, which the caller fills in.
    async fn overview(&self, tenant: TenantId, now: Millis) -> Result<Overview, StoreError>;
    /// An agent's newest tasks.
    async fn recent_of(&self, tenant: TenantId, agent: &AgentName, limit: u32) -> Result<Vec<TaskRow>, StoreError>;
    /// The newest quarantined messages.
    async fn quarantine(&self, tenant: TenantId, limit: u32) -> Result<Vec<QuarantineRow>, StoreError>;
}
