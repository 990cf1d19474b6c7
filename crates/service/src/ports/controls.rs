//! Whether an agent's queue is handed out.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{Act, AgentName, Millis, TenantId, breaker::BreakerState};

#[async_trait]
pub trait Controls: Send + Sync {
    /// [`StoreError::Refused`] where it is paused already; [`StoreError::NotFound`] for an unknown agent.
    async fn pause(&self, tenant: TenantId, agent: &AgentName, reason: String, act: Act) -> Result<(), StoreError>;
    /// [`StoreError::Refused`] where it is not paused.
    async fn resume(&self, tenant: TenantId, agent: &AgentName, act: Act) -> Result<(), StoreError>;
    /// Moves the breaker by hand. [`StoreError::Refused`] where it stands so already.
    async fn move_breaker(
        &self,
        tenant: TenantId,
        agent: &AgentName,
        state: BreakerState,
        until: Option<Millis>,
        act: Act,
    ) -> Result<(), StoreError>;
}
