//! What nobody reports: leases that end, messages that vanish, breakers whose time has come. The bridge
//! looks, and records what it finds.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{AgentName, Millis, TaskId, TenantId, journal::Hash};
use std::collections::HashMap;

/// An open task that nothing was heard of for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    pub task: TaskId,
    pub agent: AgentName,
    pub epoch: i64,
    pub sequence: u64,
    /// When something was heard of it last.
    pub heard_at: Millis,
    /// Whether a worker holds, or held, a lease on it: then only its word is a result.
    pub leased: bool,
}

/// What was found out about a suspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Its message was handed out and is not in the queue any more.
    Gone,
    /// Its message is not in the queue any more, and nothing says that it was ever handed out.
    Lost,
    /// Its message is there, and the bus will not hand it out again.
    Exhausted,
    /// It was handed out so long ago that nobody can be working on it.
    Hung,
}

/// How an agent's queue is to be handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedControl {
    pub agent: AgentName,
    pub paused: bool,
    /// One task at a time, to see how it ends.
    pub one_at_a_time: bool,
    /// Tasks that were returned and wait on the bus for their next attempt. Each holds a place among those
    /// that may be handed out and unanswered, though nobody works on it.
    pub waiting: u32,
}

#[async_trait]
pub trait Watch: Send + Sync {
    /// Ends leases that are over; answers how many.
    async fn end_leases(&self, tenant: TenantId, now: Millis) -> Result<u32, StoreError>;
    /// Open tasks with a message on the bus, of which nothing was heard since `before`. Every agent has its
    /// turn: of each as many as of any other where there are too many, and those of an agent go round, from
    /// the one `after` which it is to go on (when it was heard of, and which).
    async fn suspects(
        &self,
        tenant: TenantId,
        before: Millis,
        after: &HashMap<AgentName, (Millis, TaskId)>,
        limit: u32,
    ) -> Result<Vec<Suspect>, StoreError>;
    /// How far each agent's queue was when somebody looked last.
    async fn delivered(&self, tenant: TenantId) -> Result<HashMap<AgentName, u64>, StoreError>;
    /// How many messages for the agent have a sequence from the one to the other, both included.
    async fn messages(
        &self,
        tenant: TenantId,
        agent: &AgentName,
        epoch: i64,
        from: u64,
        to: u64,
    ) -> Result<u64, StoreError>;
    /// Records what was found out, unless something was heard of the task meanwhile.
    async fn found(&self, tenant: TenantId, verdicts: Vec<(Suspect, Verdict)>, now: Millis) -> Result<(), StoreError>;
    /// Lets one task through breakers that were open for long enough.
    async fn try_breakers(&self, tenant: TenantId, now: Millis) -> Result<(), StoreError>;
    /// Pauses agents whose newest heartbeat says that they run another role file than any live credential of theirs was
    /// compiled from; answers how many.
    async fn pause_drifted(&self, tenant: TenantId, now: Millis) -> Result<u32, StoreError>;
    /// Parts the words of some tasks anew that an older version kept; answers of how many.
    async fn part_words(&self, tenant: TenantId) -> Result<usize, StoreError>;
    async fn controls(&self, tenant: TenantId) -> Result<Vec<WantedControl>, StoreError>;
    /// The journal's head, if it moved since it was last told to the bus and that is a minute ago.
    async fn head(&self, tenant: TenantId, now: Millis) -> Result<Option<(i64, Hash)>, StoreError>;
    /// Puts the signed head into the outbox.
    async fn tell_head(&self, tenant: TenantId, seq: i64, payload: String, now: Millis) -> Result<(), StoreError>;
}
