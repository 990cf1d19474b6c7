//! Decisions that count, as they are looked up later, and what founders found when they looked back on them.

use super::{DecisionRecord, StoreError};
use async_trait::async_trait;
use countersign_domain::{
    Act, ArtifactHash, BriefAuthor, BriefId, DecisionId, Millis, PersonId, TenantId, Via,
    brief::{BriefAct, Outcome},
    reading::{DecisionCounts, DecisionQuery, DecisionTurn, Followed, LookBackRow},
    track_record::Judged,
};
use uuid::Uuid;

/// A decision with the version of the brief that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDecision {
    pub record: DecisionRecord,
    /// From where it came.
    pub via: Option<Via>,
    pub author: BriefAuthor,
    pub name: String,
    /// Of that version: its hash as it is kept, its frozen text, and since when it was asked.
    pub version_sha256: ArtifactHash,
    pub text: Vec<u8>,
    pub asked_at: Millis,
    /// The newest answer to whether it was right.
    pub outcome: Option<Outcome>,
    /// Until when looking back was put off.
    pub postponed: Option<Millis>,
}

impl KeptDecision {
    /// When it is to be looked back on.
    pub fn check_at(&self) -> Option<Millis> {
        self.postponed.or(self.record.check_at)
    }
}

/// What the newest decisions of agents' briefs come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JudgedDecisions {
    pub judged: Vec<Judged>,
    /// So many more are of briefs whose text is not what was decided on.
    pub damaged: u64,
}

/// The journal's entry of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournaledDecision {
    pub seq: u64,
    pub by: Option<PersonId>,
    pub brief: BriefId,
    pub act: BriefAct,
}

/// By what a list of decisions can be narrowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionFacets {
    pub people: Vec<(PersonId, String)>,
    pub categories: Vec<String>,
    pub agents: Vec<String>,
}

/// What a founder says about how a decision turned out, or until when they put that off.
#[derive(Debug, Clone)]
pub struct NewLookBack {
    pub id: Uuid,
    pub decision: DecisionId,
    pub said: LookBackSaid,
    pub act: Act,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookBackSaid {
    Outcome(Outcome, String),
    Later(Millis),
}

#[async_trait]
pub trait DecisionHistory: Send + Sync {
    /// Decisions that count, newest first; the oldest of those that are newer first where the turn says so. At most
    /// `limit`. `now` tells what is due from what is not.
    async fn page(
        &self,
        tenant: TenantId,
        query: &DecisionQuery,
        turn: DecisionTurn,
        now: Millis,
        limit: u32,
    ) -> Result<Vec<KeptDecision>, StoreError>;
    async fn counts(&self, tenant: TenantId, query: &DecisionQuery, now: Millis) -> Result<DecisionCounts, StoreError>;
    async fn facets(&self, tenant: TenantId) -> Result<DecisionFacets, StoreError>;
    /// The newest that count, at most `limit`, without the texts of their briefs. What people asked by a brief of their own
    /// is not among them.
    async fn judged(&self, tenant: TenantId, limit: u32) -> Result<JudgedDecisions, StoreError>;
    /// One decision, whatever became of it.
    async fn find(&self, tenant: TenantId, decision: DecisionId) -> Result<KeptDecision, StoreError>;
    /// The entry that tells that it counts since `at`.
    async fn entry(
        &self,
        tenant: TenantId,
        decision: DecisionId,
        at: Millis,
    ) -> Result<Option<JournaledDecision>, StoreError>;
    /// What is in the trace since `since`; `author` was told.
    async fn followed(
        &self,
        tenant: TenantId,
        trace: &str,
        author: &BriefAuthor,
        since: Millis,
    ) -> Result<Followed, StoreError>;
    /// Oldest first.
    async fn look_backs(&self, tenant: TenantId, decision: DecisionId) -> Result<Vec<LookBackRow>, StoreError>;
    /// [`StoreError::Refused`] where it does not count, or what was answered is to be put off. The same again is said once.
    async fn look_back(&self, tenant: TenantId, new: NewLookBack) -> Result<(), StoreError>;
}
