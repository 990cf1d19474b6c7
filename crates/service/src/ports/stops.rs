//! Stops in an emergency.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{Act, AgentName, TenantId, reading::FleetStop};

#[async_trait]
pub trait Stops: Send + Sync {
    /// Ends the agent's credentials (all agents' without a name) and pauses its queue. [`StoreError::Refused`] where
    /// it is stopped already.
    async fn stop(
        &self,
        tenant: TenantId,
        agent: Option<&AgentName>,
        reason: String,
        act: Act,
    ) -> Result<(), StoreError>;
    /// Lets queues go on and tasks that were to come later come by so much later. Credentials do not come back.
    async fn lift(&self, tenant: TenantId, agent: Option<&AgentName>, act: Act) -> Result<(), StoreError>;
    /// The stop that holds for the agent (for the whole fleet without a name).
    async fn of(&self, tenant: TenantId, agent: Option<&AgentName>) -> Result<Option<FleetStop>, StoreError>;
}
