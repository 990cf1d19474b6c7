//! Leases on tasks, for workers that use the Workspace API.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{AgentName, CredentialId, Millis, TaskId, TenantId};

/// Which agent speaks, as its token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentActor {
    pub tenant: TenantId,
    pub agent: AgentName,
    pub credential: CredentialId,
}

/// Why a word about a task does not count.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// The bridge has not read the message yet: ask again in a moment.
    #[error("This task is not recorded yet. Ask again in a moment.")]
    NotYet,
    #[error("There is no such task for this agent.")]
    NotFound,
    /// The message was read and carries no task.
    #[error("This message carries no task: it is a second copy, or in quarantine. Acknowledge it and go on.")]
    NoTask,
    /// The task has ended, as this word says.
    #[error("This task is settled: {0}. Drop what you have and go on.")]
    Settled(String),
    /// Somebody else holds the lease.
    #[error("Another worker holds this task until {until_ms}. Return the message.")]
    Held { until_ms: i64 },
    /// The fence is not the newest one: somebody else took the task over.
    #[error("Another worker took this task over. Drop what you have.")]
    Stale,
    /// The lease was over before this word came.
    #[error("The lease ended at {ended_ms}. Claim the task again at its next delivery.")]
    Ended { ended_ms: i64 },
    /// No artifact of this name is there.
    #[error("There is no artifact {0}.")]
    NoArtifact(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A lease on one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub task: TaskId,
    /// The attempt of record.
    pub attempt: u32,
    /// Grows with every claim; a word with an older one does not count.
    pub fence: i64,
    pub until: Millis,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// With a result (JSON text), artifacts by their SHA-256 names and a cost in millionths of a dollar.
    Completed { result: Option<String>, artifacts: Vec<String>, micro_usd: Option<i64> },
    /// Another attempt is to follow, not before `retry_at`.
    Returned { reason: String, retry_at: Millis },
    /// No attempt can succeed.
    GaveUp { reason: String },
}

#[async_trait]
pub trait Claims: Send + Sync {
    /// Remembers a challenge until it expires, and forgets those that have.
    async fn put_challenge(&self, nonce: [u8; 32], expires_at: Millis, now: Millis) -> Result<(), StoreError>;
    /// Uses a challenge up; answers whether it was live.
    async fn use_challenge(&self, nonce: [u8; 32], now: Millis) -> Result<bool, StoreError>;
    /// The live credential with this public key.
    async fn credential(
        &self,
        tenant: TenantId,
        public_key: &str,
        now: Millis,
    ) -> Result<(CredentialId, AgentName), StoreError>;
    /// Keeps a token, and forgets those that have expired.
    async fn put_token(
        &self,
        digest: [u8; 32],
        actor: &AgentActor,
        expires_at: Millis,
        now: Millis,
    ) -> Result<(), StoreError>;
    /// Who holds this token; [`StoreError::NotFound`] where it has expired or its credential was revoked.
    async fn actor(&self, digest: [u8; 32], now: Millis) -> Result<AgentActor, StoreError>;

    /// Takes a lease on the task of message `sequence` of the newest `TASKS`, as delivered for the `delivery`th
    /// time.
    async fn claim(
        &self,
        actor: &AgentActor,
        sequence: u64,
        delivery: u32,
        until: Millis,
        now: Millis,
    ) -> Result<Claim, ClaimError>;
    async fn renew(
        &self,
        actor: &AgentActor,
        task: TaskId,
        fence: i64,
        until: Millis,
        now: Millis,
    ) -> Result<Millis, ClaimError>;
    /// Ends the attempt. The same word of the same holder a second time changes nothing and is no error: the
    /// answer to the first may have been lost.
    async fn end(
        &self,
        actor: &AgentActor,
        task: TaskId,
        fence: i64,
        ending: Ending,
        now: Millis,
    ) -> Result<(), ClaimError>;
}
