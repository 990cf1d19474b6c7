//! How the organization's means are shared out among its agents, as founders decided. Nobody writes it: the database does,
//! when a decision is made that says so.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{BriefId, DecisionId, Millis, TenantId, allocation::Allocation};

/// An allocation that was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllocationRecord {
    pub decision: DecisionId,
    pub brief: BriefId,
    /// Of the brief.
    pub title: String,
    /// Who decided.
    pub by: String,
    pub at: Millis,
    pub shares: Allocation,
}

#[async_trait]
pub trait Allocations: Send + Sync {
    /// Newest first, up to `limit`; the first of them counts.
    async fn decided(&self, tenant: TenantId, limit: u32) -> Result<Vec<AllocationRecord>, StoreError>;
}
