//! What founders know and agents cannot see.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{Act, ContextFactId, Millis, TenantId, context::ContextFact};

/// A fact in one version, and who told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactRecord {
    pub fact: ContextFact,
    pub by: String,
    pub at: Millis,
}

#[async_trait]
pub trait ContextFacts: Send + Sync {
    /// Every version of the newest facts, the newest told first.
    async fn all(&self, tenant: TenantId) -> Result<Vec<FactRecord>, StoreError>;
    /// The newest version. [`StoreError::NotFound`] where there is none.
    async fn find(&self, tenant: TenantId, id: ContextFactId) -> Result<ContextFact, StoreError>;
    /// Tells a version: journaled, and everybody hears of it. [`StoreError::Refused`] where another came before it.
    async fn tell(&self, tenant: TenantId, fact: ContextFact, act: Act) -> Result<(), StoreError>;
}
