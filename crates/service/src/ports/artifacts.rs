//! What is recorded of artifacts: which there are, where they came from, their labels, what names them. The bytes
//! are behind [`ArtifactFiles`](super::ArtifactFiles).

use super::{AgentActor, StoreError};
use async_trait::async_trait;
use countersign_domain::{
    AgentName, ArtifactHash, Millis, TaskId, TenantId,
    artifact::{ArtifactContent, Label, ReadGrant},
    reading::{ArtifactDetail, ArtifactList, ArtifactQuery},
};

/// What holds for all artifacts of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArtifactRules {
    /// The most bytes of one artifact.
    pub most_bytes: u64,
    /// The most bytes of all artifacts of a tenant.
    pub quota_bytes: u64,
    /// How long an artifact stays that nothing names, counted from when it was last put. Milliseconds; `None` is
    /// for ever.
    pub unnamed_ms: Option<i64>,
}

/// An artifact that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArtifactFact {
    pub sha256: ArtifactHash,
    pub size: u64,
    pub content: ArtifactContent,
}

/// A label as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelFact {
    pub agent: AgentName,
    pub label: Label,
    /// Counted from 1.
    pub version: u32,
    pub sha256: ArtifactHash,
    pub size: u64,
    pub at: Millis,
}

/// What an agent says of an artifact that it puts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutAs {
    /// One of its tasks.
    pub task: Option<TaskId>,
    pub label: Option<Label>,
}

/// Why a record about an artifact was not made.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// There is no such task for this agent.
    #[error("There is no such task for this agent.")]
    NoTask,
    /// All that the tenant has would be more than its quota.
    #[error("The organization's artifacts would have {wanted} bytes, and may have {quota}.")]
    Quota { wanted: u64, quota: u64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The name of an artifact, held: until this is dropped, nobody else keeps or removes what it names. So bytes and
/// record change together.
#[async_trait]
pub trait HeldName: Send {
    /// Whether the artifact is on record, and there.
    async fn is_there(&mut self) -> Result<bool, StoreError>;
    /// Records that the agent has put it, and commits. The same put twice within a day is recorded once.
    async fn keep(
        self: Box<Self>,
        actor: &AgentActor,
        fact: ArtifactFact,
        put: PutAs,
        quota: u64,
        now: Millis,
    ) -> Result<(), ArtifactError>;
    /// Records that it is gone, and commits, if it is there, nothing names it, and nobody has put it since
    /// `unused_since`; answers whether that was so. The bytes go after that, by whoever holds the name again and
    /// finds that it is not there.
    async fn retire(self: Box<Self>, unused_since: Millis, now: Millis) -> Result<bool, StoreError>;
}

#[async_trait]
pub trait Artifacts: Send + Sync {
    /// Bytes of all artifacts of the tenant that are there.
    async fn used(&self, tenant: TenantId) -> Result<u64, StoreError>;
    /// Waits until nobody else holds the name.
    async fn hold(&self, tenant: TenantId, sha256: ArtifactHash) -> Result<Box<dyn HeldName>, StoreError>;
    /// The artifact, if it is there and the agent has put it, or one of its labels is covered by `reads`.
    /// [`StoreError::NotFound`] otherwise: there is no difference to tell.
    async fn readable(
        &self,
        tenant: TenantId,
        agent: &AgentName,
        sha256: ArtifactHash,
        reads: &ReadGrant,
    ) -> Result<ArtifactFact, StoreError>;
    /// Makes the agent's label name the artifact, which the agent may read; answers the version.
    async fn label(
        &self,
        actor: &AgentActor,
        label: &Label,
        sha256: ArtifactHash,
        now: Millis,
    ) -> Result<u32, StoreError>;
    /// What a label of `agent` names.
    async fn labelled(&self, tenant: TenantId, agent: &AgentName, label: &Label) -> Result<LabelFact, StoreError>;
    /// Labels of `agent` that begin with `prefix`, in their order, from the one after `after` on, up to `limit`.
    async fn labels(
        &self,
        tenant: TenantId,
        agent: &AgentName,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<LabelFact>, StoreError>;

    /// For the console.
    async fn list(&self, tenant: TenantId, query: &ArtifactQuery) -> Result<ArtifactList, StoreError>;
    /// For the console, without the text of it.
    async fn detail(&self, tenant: TenantId, sha256: ArtifactHash) -> Result<ArtifactDetail, StoreError>;

    /// Every tenant there is.
    async fn tenants(&self) -> Result<Vec<TenantId>, StoreError>;
    /// Some that nothing names and nobody has put since `unused_since`, oldest first, up to `limit`.
    async fn unnamed(
        &self,
        tenant: TenantId,
        unused_since: Millis,
        limit: u32,
    ) -> Result<Vec<ArtifactHash>, StoreError>;
    /// Those of the names that no artifact has which is there.
    async fn absent(&self, tenant: TenantId, names: &[ArtifactHash]) -> Result<Vec<ArtifactHash>, StoreError>;
}
