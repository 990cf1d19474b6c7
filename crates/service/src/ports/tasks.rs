//! What a founder does to tasks. Each is one transaction: the journal's entry, what the console shows,
//! and the message that goes to the bus.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{Act, AgentName, Millis, TaskId, TaskKind, TenantId, task::Priority};

#[derive(Debug, Clone)]
pub struct NewTask {
    pub id: TaskId,
    pub agent: AgentName,
    pub kind: TaskKind,
    pub title: Option<String>,
    pub correlation_id: Option<String>,
    /// A JSON object.
    pub payload: String,
    pub not_before: Option<Millis>,
    pub priority: Priority,
    pub act: Act,
}

#[async_trait]
pub trait Tasks: Send + Sync {
    /// Makes it once: where a task has this id, that is it. [`StoreError::Refused`] where the agent does not exist.
    async fn create(&self, tenant: TenantId, task: NewTask) -> Result<(), StoreError>;
    /// [`StoreError::Refused`] where it has ended.
    async fn cancel(&self, tenant: TenantId, id: TaskId, reason: Option<String>, act: Act) -> Result<(), StoreError>;
    /// [`StoreError::Refused`] where it is on the bus already: a queue of the bus keeps its order.
    async fn reprioritise(&self, tenant: TenantId, id: TaskId, priority: Priority, act: Act) -> Result<(), StoreError>;
}
