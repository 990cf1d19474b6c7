//! What people decided on briefs, and what silence did. The database checks every one once more.

use super::{BriefRecord, StoreError};
use async_trait::async_trait;
use countersign_domain::{
    Act, ArtifactHash, AwayId, BriefId, DecisionId, GrantId, Millis, PersonId, TaskId, TenantId,
    autonomy::Cap,
    brief::{BriefChoice, DecisionState, VoidReason},
    decision::JournalHead,
};

/// A founder's word.
#[derive(Debug, Clone)]
pub struct NewDecision {
    pub id: DecisionId,
    pub brief: BriefId,
    /// Of the version that they saw.
    pub sha256: ArtifactHash,
    pub choice: BriefChoice,
    pub rationale: String,
    pub prediction: String,
    pub check_at: Option<Millis>,
    /// The same word sent again has the same.
    pub key: String,
    /// A form brought the key along: what was taken back is not said again by it.
    pub is_form_key: bool,
    /// The canonical decision.
    pub canonical: Vec<u8>,
    /// What a passkey says to it: a receipt's seal, as JSON. None: nobody signed.
    pub assertion: Option<String>,
    /// When they had proven who they are.
    pub proven_at: Millis,
    pub act: Act,
}

/// What became of a founder's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It is held, or was said before.
    Held(Box<DecisionRecord>),
    /// There is a newer version than the one that they saw.
    Newer,
}

/// A decision as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRecord {
    pub id: DecisionId,
    pub brief: BriefId,
    pub version: u32,
    pub sha256: ArtifactHash,
    pub choice: BriefChoice,
    pub rationale: String,
    pub prediction: String,
    pub check_at: Option<Millis>,
    /// Nobody where silence decided.
    pub by: Option<(PersonId, String)>,
    /// By which silence decided.
    pub policy: Option<String>,
    /// In whose place a delegate decided.
    pub for_person: Option<(PersonId, String)>,
    /// In which absence silence decided.
    pub away: Option<AwayId>,
    /// By which grant its author did, whose it is and of when.
    pub grant: Option<(GrantId, String, Millis)>,
    /// How they had proven who they are, as it is kept.
    pub how: String,
    pub at: Millis,
    pub held_until: Millis,
    pub state: DecisionState,
    /// Of one that never counted.
    pub void_reason: Option<VoidReason>,
    pub ended_at: Option<Millis>,
    pub canonical_sha256: Option<ArtifactHash>,
    pub is_signed: bool,
}

impl DecisionRecord {
    /// Whether this person can take it back still.
    pub fn may_undo(&self, person: PersonId, now: Millis) -> bool {
        let own = self.by.as_ref().is_some_and(|(by, _)| *by == person);
        own && self.state == DecisionState::Held && now < self.held_until
    }
}

/// What a decision is told with, to its author and to everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// The id of the author's task.
    pub task: TaskId,
    pub title: String,
    pub question: String,
    pub category: String,
    /// Of the option that was chosen, if one was.
    pub option_title: Option<String>,
    pub correlation_id: String,
}

/// What silence does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSilence {
    pub id: DecisionId,
    pub brief: BriefId,
    pub sha256: ArtifactHash,
    /// The option's key, and the word of the policy by which it takes effect.
    pub option: String,
    pub policy: String,
    /// What the option costs.
    pub cost_micro_usd: i64,
    pub telling: Telling,
}

/// What became of what silence was to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Done,
    /// Somebody was faster, or the brief or the policy changed.
    Late,
    /// A founder who is away allows no more.
    Capped(Cap),
}

/// What a decision comes after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionBasis {
    /// SHA-256 of the last decision that counts; none before the first.
    pub previous: Option<ArtifactHash>,
    pub journal: JournalHead,
}

#[async_trait]
pub trait Decisions: Send + Sync {
    async fn basis(&self, tenant: TenantId) -> Result<DecisionBasis, StoreError>;
    /// Holds a founder's word. [`StoreError::Refused`] where another one is held or counts, with who it was.
    async fn decide(&self, tenant: TenantId, decision: NewDecision) -> Result<Said, StoreError>;
    /// Takes it back. [`StoreError::Refused`] where it is somebody else's, or counts already.
    async fn undo(&self, tenant: TenantId, decision: DecisionId, act: Act) -> Result<BriefId, StoreError>;
    /// Those that are held and whose time is up by the database's clock, with their briefs; oldest first.
    async fn due(&self, tenant: TenantId) -> Result<Vec<BriefRecord>, StoreError>;
    /// It counts from now on: journaled, and its author and everybody told. False where it does so already, and where
    /// whoever made it is no founder any more: it is void then.
    async fn make(
        &self,
        tenant: TenantId,
        decision: DecisionId,
        telling: Telling,
        now: Millis,
    ) -> Result<bool, StoreError>;
    /// Briefs whose deadlines have passed, on which nobody said anything, and of which it is not noted yet; those of
    /// agents that are stopped are none of them.
    async fn silent(&self, tenant: TenantId, now: Millis) -> Result<Vec<BriefRecord>, StoreError>;
    /// Silence decides, within the caps of an absence.
    async fn settle(&self, tenant: TenantId, silence: NewSilence, now: Millis) -> Result<Settled, StoreError>;
    /// Notes once that the deadline passed and nothing happened by it; `why` is a sentence, `cap` what held it.
    async fn lapse(
        &self,
        tenant: TenantId,
        brief: BriefId,
        why: &str,
        cap: Option<Cap>,
        now: Millis,
    ) -> Result<(), StoreError>;
    /// When something is due next after `now`: a decision counts, a deadline passes.
    async fn next_due(&self, tenant: TenantId, now: Millis) -> Result<Option<Millis>, StoreError>;
    /// All that was said of a brief, oldest first.
    async fn of_brief(&self, tenant: TenantId, brief: BriefId) -> Result<Vec<DecisionRecord>, StoreError>;
    /// Whether the decision was made, and is not only held.
    async fn counts(&self, tenant: TenantId, decision: DecisionId) -> Result<bool, StoreError>;
    /// The canonical decision of what a person said, and the seal of its receipt as JSON, if a passkey signed it.
    async fn sealed(&self, tenant: TenantId, decision: DecisionId) -> Result<(Vec<u8>, Option<String>), StoreError>;
}
