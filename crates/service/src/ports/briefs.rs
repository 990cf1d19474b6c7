//! Decision briefs: what agents asked, what of it can be decided, and what is around it. What people decided is behind
//! [`Decisions`](super::Decisions).

use super::{DecisionRecord, StoreError};
use async_trait::async_trait;
use countersign_domain::{
    Act, AgentName, ArtifactHash, BriefAuthor, BriefId, Millis, PersonId, TaskId, TenantId,
    reading::{BriefAnswer, BriefAuthorRow},
};
use std::collections::HashMap;

/// The epoch of what came over the API and from pages: the bus counts its own from nought.
pub const BESIDE_THE_BUS: i64 = -1;

/// What an agent or a person asks: an event as the bus recorded it, or a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedEvent {
    /// Its place on the bus; beside the bus, [`BESIDE_THE_BUS`] and a number of its own.
    pub epoch: i64,
    pub sequence: i64,
    pub author: BriefAuthor,
    /// The person who wrote it, where its author are people.
    pub by: Option<Act>,
    pub at: Millis,
    /// JSON, as the agent wrote it.
    pub payload: String,
    /// The trace that it belongs to, by its payload or by a header.
    pub correlation_id: Option<String>,
}

/// How well a brief reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BriefMark {
    /// From 0 to 100.
    pub score: u8,
    /// In seconds.
    pub reading_s: u32,
}

/// A brief that keeps the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBrief {
    /// Its id, where its author asks this for the first time.
    pub id: BriefId,
    pub name: String,
    pub title: String,
    pub category: String,
    pub deadline: Millis,
    /// The frozen brief: canonical JSON, and its hash.
    pub text: Vec<u8>,
    pub sha256: ArtifactHash,
    /// Artifacts that must stay from now on.
    pub evidence: Vec<ArtifactHash>,
    pub mark: BriefMark,
}

/// What became of a brief that keeps the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    New(BriefId),
    /// It takes the place of an older version, as the one of this number.
    Newer(BriefId, u32),
    /// The newest version, of this number, says the very same.
    Same(BriefId, u32),
    /// What its author calls so was decided: nothing was kept.
    Decided,
    /// Its author asks so much already that nothing was kept.
    TooMany,
    /// It was asked anew so often within the hour that nothing was kept.
    TooOften,
    /// A founder's word about the version before is held: nothing was kept or noted, and it comes again. Beside it so
    /// many versions were kept within the hour.
    Waits {
        versions: u32,
    },
}

/// A fault, as its author hears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BriefFault {
    pub rule: String,
    pub pointer: String,
    pub why: String,
    pub fix: String,
}

/// A brief that goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BriefRefusal {
    pub name: Option<String>,
    pub title: Option<String>,
    pub faults: Vec<BriefFault>,
    /// How many more there were.
    pub more: usize,
    pub mark: BriefMark,
    /// The id of the task that tells its author; none where it hears at once.
    pub task: Option<TaskId>,
}

/// What founders let silence mean in a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryRule {
    pub category: String,
    /// Only founders settle it.
    pub reserved: bool,
    /// The word of a policy.
    pub silence: String,
    /// Who decides then, where it hands the category to a person.
    pub delegate: Option<(PersonId, String)>,
}

/// What silence means in a category from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBriefPolicy {
    pub rule: CategoryRule,
    pub reason: String,
    /// When they had proven who they are.
    pub proven_at: Millis,
    pub act: Act,
}

/// A brief as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BriefRecord {
    pub id: BriefId,
    pub author: BriefAuthor,
    /// The person who wrote the newest version, where its author are people.
    pub written_by: Option<String>,
    pub name: String,
    /// The newest version, and its frozen text.
    pub version: u32,
    pub sha256: ArtifactHash,
    pub text: Vec<u8>,
    /// When that version came.
    pub version_at: Millis,
    pub mark: BriefMark,
    /// When it was asked for the first time.
    pub opened_at: Millis,
    /// As it counts: later than the text says where an emergency stop held the clock.
    pub deadline: Millis,
    pub snoozed_until: Option<Millis>,
    pub lapsed_at: Option<Millis>,
    /// Before this moment its author does not act on it by a grant: what held the grant back ended ten minutes before.
    pub acts_from: Millis,
    pub is_decided: bool,
    /// Its author, or all agents, are stopped in an emergency.
    pub is_frozen: bool,
    /// What is held, or was made.
    pub decision: Option<DecisionRecord>,
    /// Questions that wait for an answer.
    pub unanswered: u32,
}

/// One version of a brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRecord {
    pub version: u32,
    pub sha256: ArtifactHash,
    pub text: Vec<u8>,
    pub at: Millis,
}

/// A question to a brief's author.
#[derive(Debug, Clone)]
pub struct NewQuestion {
    pub brief: BriefId,
    pub question: String,
    /// The id of the task by which the author is asked.
    pub task: TaskId,
    pub act: Act,
}

/// An agent with tasks of a trace that have not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedAgent {
    pub trace: String,
    pub agent: AgentName,
    pub tasks: u32,
}

/// Who waits for what founders decide, and what they cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waits {
    pub blocked: Vec<BlockedAgent>,
    /// What agents reported, in millionths of a dollar; those that reported nothing are not among them.
    pub reported: HashMap<AgentName, i64>,
    /// Agents with a task in hand.
    pub working: u32,
}

#[async_trait]
pub trait Briefs: Send + Sync {
    /// The oldest events by which agents asked and of which nothing became yet, up to `limit`.
    async fn asked(&self, tenant: TenantId, limit: u32) -> Result<Vec<AskedEvent>, StoreError>;
    /// Keeps a brief, as a version of what its author called so before; what came of it is noted with the event.
    /// Done twice for the same event, it is done once.
    async fn take(
        &self,
        tenant: TenantId,
        event: &AskedEvent,
        brief: NewBrief,
        at: Millis,
    ) -> Result<Taken, StoreError>;
    /// Notes up to where all events by which agents asked are dealt with: they are not looked through again.
    async fn mark_asked(&self, tenant: TenantId) -> Result<(), StoreError>;
    /// Counts a brief that cannot be decided and tells its author why, unless that one was told too often within the
    /// hour.
    async fn refuse(
        &self,
        tenant: TenantId,
        event: &AskedEvent,
        refusal: BriefRefusal,
        at: Millis,
    ) -> Result<(), StoreError>;
    /// What founders let silence mean, by category; a category of which none said anything is not among them.
    async fn rules(&self, tenant: TenantId) -> Result<Vec<CategoryRule>, StoreError>;
    async fn set_rule(&self, tenant: TenantId, policy: NewBriefPolicy) -> Result<(), StoreError>;
    /// All that wait, the nearest deadline first; then the newest `decided` of those that were decided.
    async fn list(&self, tenant: TenantId, decided: u32) -> Result<Vec<BriefRecord>, StoreError>;
    async fn find(&self, tenant: TenantId, id: BriefId) -> Result<BriefRecord, StoreError>;
    /// Newest first.
    async fn versions(&self, tenant: TenantId, id: BriefId) -> Result<Vec<VersionRecord>, StoreError>;
    /// Questions to its author with their answers, oldest first.
    async fn thread(&self, tenant: TenantId, id: BriefId) -> Result<Vec<BriefAnswer>, StoreError>;
    /// [`StoreError::Refused`] where it is decided, or has been asked about too often.
    async fn ask(&self, tenant: TenantId, question: NewQuestion) -> Result<(), StoreError>;
    /// Out of sight until then; in sight without a moment. [`StoreError::Refused`] beyond the deadline, or where it
    /// is decided.
    async fn snooze(&self, tenant: TenantId, id: BriefId, until: Option<Millis>, act: Act) -> Result<(), StoreError>;
    /// How well each agent asks, by name.
    async fn authors(&self, tenant: TenantId) -> Result<Vec<BriefAuthorRow>, StoreError>;
    /// Who waits in these traces, and what all agents reported since then.
    async fn waits(&self, tenant: TenantId, traces: &[String], since: Millis) -> Result<Waits, StoreError>;
    /// Role files that wait for a review.
    async fn reviews_waiting(&self, tenant: TenantId) -> Result<u32, StoreError>;
}
