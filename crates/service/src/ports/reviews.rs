//! Role files and the reviews of them.

use super::{NewTask, StoreError};
use async_trait::async_trait;
use countersign_domain::{
    Act, AgentId, AgentName, Millis, PersonId, ReviewId, TaskId, TenantId,
    artifact::ArtifactHash,
    reading::{Quorum, ReviewDecisionRow},
    review::{Finding, ProbeReport, ReviewDecision, ReviewState},
};

/// A role file that somebody wants an agent to run with.
#[derive(Debug, Clone)]
pub struct Proposal {
    pub review: ReviewId,
    pub agent: AgentName,
    pub sha256: ArtifactHash,
    /// The file, byte for byte.
    pub text: String,
    /// What the built-in rules found.
    pub findings: Vec<Finding>,
    /// For an agent that must not be there yet, its id.
    pub only_new: bool,
    /// The id that the agent gets where it is not there yet, and whom it may give tasks to.
    pub agent_id: AgentId,
    pub delegates_to: Vec<AgentName>,
    /// The security officer's task to examine it, where there is one.
    pub task: Option<NewTask>,
    pub act: Act,
}

/// A review as it is kept.
#[derive(Debug, Clone)]
pub struct ReviewRecord {
    pub id: ReviewId,
    pub agent: AgentName,
    pub sha256: ArtifactHash,
    /// Empty in lists, but for what waits or stands.
    pub text: String,
    pub author: PersonId,
    pub author_name: String,
    pub requested_at: Millis,
    pub state: ReviewState,
    pub ended_at: Option<Millis>,
    pub findings: Vec<Finding>,
    pub probe: Option<ProbeReport>,
    pub probed_at: Option<Millis>,
    /// Founders who approved it, and how many have to; of what is decided, as it was then.
    pub approved_by: Vec<PersonId>,
    pub needed: u32,
    /// Whether its author approved it alone.
    pub self_approved: bool,
}

/// How many approvals a founder asks for from now on.
#[derive(Debug, Clone)]
pub struct NewApprovalsAsked {
    pub approvals: u32,
    pub reason: String,
    /// When they had proven who they are.
    pub proven_at: Millis,
    pub act: Act,
}

/// What a founder says of a review.
#[derive(Debug, Clone)]
pub struct NewReviewDecision {
    pub review: ReviewId,
    /// The content that they saw.
    pub sha256: ArtifactHash,
    pub decision: ReviewDecision,
    pub reason: String,
    /// When they had proven who they are.
    pub proven_at: Millis,
    /// What the agent's row says of its delegates from now on, where it is approved.
    pub delegates_to: Vec<AgentName>,
    pub act: Act,
}

/// An event in which an agent says what it found.
#[derive(Debug, Clone)]
pub struct ExaminedEvent {
    pub at: Millis,
    /// JSON, as the agent wrote it.
    pub payload: String,
}

/// How many credentials of an agent count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveCredentials {
    pub of_file: u32,
    pub of_others: u32,
    /// When the last of the others ends.
    pub others_end: Option<Millis>,
}

/// A task of the past.
#[derive(Debug, Clone)]
pub struct PastTaskRow {
    pub id: TaskId,
    pub recipient: String,
    pub kind: String,
    /// The agent whose signature it carries.
    pub sender: Option<String>,
    pub at: Millis,
}

#[async_trait]
pub trait Reviews: Send + Sync {
    /// Keeps the file and opens its review; an open one of the same agent is replaced. Makes the agent where it
    /// is not there yet. [`StoreError::Refused`] where this very file waits or is approved already.
    async fn propose(&self, tenant: TenantId, proposal: Proposal) -> Result<(), StoreError>;
    /// All open and approved ones, and the newest of the others; the newest first, without texts and their probes' lines.
    async fn list(&self, tenant: TenantId) -> Result<Vec<ReviewRecord>, StoreError>;
    async fn find(&self, tenant: TenantId, id: ReviewId) -> Result<ReviewRecord, StoreError>;
    /// The newest 50, and what waits or stands however old it is; newest first, without their probes' lines and, of what
    /// ended, texts.
    async fn of_agent(&self, tenant: TenantId, agent: &AgentName) -> Result<Vec<ReviewRecord>, StoreError>;
    /// The one whose file the agent may run.
    async fn approved(&self, tenant: TenantId, agent: &AgentName) -> Result<Option<ReviewRecord>, StoreError>;
    async fn decisions(&self, tenant: TenantId, id: ReviewId) -> Result<Vec<ReviewDecisionRow>, StoreError>;
    /// What `officer` has said of the review on the bus: the newest, oldest first.
    async fn examined(
        &self,
        tenant: TenantId,
        officer: &AgentName,
        id: ReviewId,
    ) -> Result<Vec<ExaminedEvent>, StoreError>;
    /// How many people may approve, and have to; `reader` is told as oneself.
    async fn quorum(&self, tenant: TenantId, reader: PersonId) -> Result<Quorum, StoreError>;
    async fn ask_approvals(&self, tenant: TenantId, asked: NewApprovalsAsked) -> Result<(), StoreError>;
    async fn keep_probe(&self, tenant: TenantId, id: ReviewId, report: ProbeReport, act: Act)
    -> Result<(), StoreError>;
    /// Decides once: whoever comes second, or saw other content, is [`StoreError::Refused`]. A revocation ends the
    /// agent's credentials in the same transaction, an approval those of the file before stay. Answers what became of
    /// the review: it stays open where more founders have to approve it.
    async fn decide(&self, tenant: TenantId, decision: NewReviewDecision) -> Result<ReviewState, StoreError>;
    /// The agent's credentials that count at `now`, those of exactly this file apart.
    async fn live_credentials(
        &self,
        tenant: TenantId,
        agent: &AgentName,
        sha256: ArtifactHash,
        now: Millis,
    ) -> Result<LiveCredentials, StoreError>;
    /// The newest `limit` tasks of the tenant.
    async fn past(&self, tenant: TenantId, limit: u32) -> Result<Vec<PastTaskRow>, StoreError>;
}
