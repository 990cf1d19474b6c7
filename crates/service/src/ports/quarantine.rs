//! What a founder does to messages that could not be understood.

use super::{NewTask, StoreError};
use async_trait::async_trait;
use countersign_domain::{Act, QuarantineId, TenantId};

#[async_trait]
pub trait Quarantine: Send + Sync {
    /// Has the mended message done as `task`. [`StoreError::Refused`] where it was dealt with already.
    async fn requeue(&self, tenant: TenantId, id: QuarantineId, task: NewTask) -> Result<(), StoreError>;
    /// [`StoreError::Refused`] where it was dealt with already.
    async fn dismiss(&self, tenant: TenantId, id: QuarantineId, reason: String, act: Act) -> Result<(), StoreError>;
}
