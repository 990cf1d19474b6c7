//! Where the bridge writes what it read from the bus.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{AgentName, Millis, TenantId, artifact::ArtifactHash, bus_fact::Fact};
use std::collections::HashMap;

/// Messages of one stream, in the order in which they were read.
#[derive(Debug, Clone)]
pub struct Batch {
    pub stream: &'static str,
    /// When the stream was created, in milliseconds: a new one counts from 1 again.
    pub epoch: i64,
    /// The last message read, whether or not it meant anything.
    pub last_sequence: u64,
    pub facts: Vec<Fact>,
}

/// Where a stream stands when its reader begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamStart {
    pub stream: &'static str,
    pub epoch: i64,
    /// The oldest message that it still has (or will have).
    pub first_sequence: u64,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Facts that had not been recorded before.
    pub new: u32,
    /// The journal's length afterwards.
    pub journal_seq: i64,
}

/// An agent as the bus sees it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveAgent {
    pub agent: AgentName,
    pub connected: bool,
    pub queue_depth: u64,
    pub in_flight: u64,
    /// The last sequence of `TASKS` that was handed to it.
    pub delivered_sequence: u64,
    /// What its queue is really set to.
    pub max_deliver: Option<i64>,
    pub ack_wait_ms: Option<i64>,
    pub paused: bool,
}

/// A batch that is entered but for its place in the journal, in a transaction of its own. Dropped, nothing
/// happened.
#[async_trait]
pub trait Begun: Send {
    /// Waits for the journal, and commits. Batches of one stream are to be finished in their order.
    async fn finish(self: Box<Self>) -> Result<Recorded, StoreError>;
}

#[async_trait]
pub trait Ledger: Send + Sync {
    /// Compares where a stream begins with how far it was read: messages that retention took are journaled
    /// as a gap, and where the stream was made anew, every open task goes to the bus again.
    async fn resume(&self, tenant: TenantId, start: StreamStart, now: Millis) -> Result<(), StoreError>;
    /// The public keys that an agent's messages may be signed with: (key, agent).
    async fn sender_keys(&self, tenant: TenantId) -> Result<Vec<(String, AgentName)>, StoreError>;
    /// Begins to record a batch: dedupe, and what needs no place in the journal. While one batch of a stream
    /// is finished the next may be begun; where both have the same message, the second waits for the first.
    async fn begin(&self, tenant: TenantId, batch: Batch) -> Result<Box<dyn Begun>, StoreError>;
    /// Records a batch in one transaction: dedupe, journal, read models, checkpoint. Recording a message again
    /// changes nothing.
    async fn record(&self, tenant: TenantId, batch: Batch) -> Result<Recorded, StoreError> {
        self.begin(tenant, batch).await?.finish().await
    }
    /// The approved role files, without those of which `known` has the hash.
    async fn approved_roles(
        &self,
        tenant: TenantId,
        known: &HashMap<AgentName, ArtifactHash>,
    ) -> Result<Vec<(AgentName, ArtifactHash, String)>, StoreError>;
    /// Notes what the bus says of the agents' connections and queues; wakes open pages if it differs.
    async fn observe(&self, tenant: TenantId, agents: Vec<LiveAgent>, at: Millis) -> Result<(), StoreError>;
    /// Every tenant that the bridge must serve.
    async fn tenants(&self) -> Result<Vec<TenantId>, StoreError>;
    async fn agent_names(&self, tenant: TenantId) -> Result<Vec<AgentName>, StoreError>;
    /// As [`super::Agents::revocations`].
    async fn revocations(&self, tenant: TenantId, now: Millis) -> Result<Vec<(String, Millis)>, StoreError>;
}
