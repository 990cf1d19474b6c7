//! What happens while founders are away, and what agents may do by themselves. The database checks every word of it
//! once more, and counts the caps.

use super::{BriefRecord, StoreError};
use async_trait::async_trait;
use countersign_domain::{
    Act, ArtifactHash, AwayId, BriefId, DecisionId, GrantId, Millis, PersonId, TaskId, TenantId,
    autonomy::{Cap, Caps, Terms},
    reading::AwayFigures,
};
use std::collections::BTreeMap;

/// A time in which the founders are away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwayRecord {
    pub id: AwayId,
    pub by: (PersonId, String),
    pub from: Millis,
    pub until: Millis,
    /// When a founder came back before, and who.
    pub ended: Option<(Millis, String)>,
    pub reason: String,
    /// Words of policies by category; `*` is every other one.
    pub choices: BTreeMap<String, String>,
    pub delegate: Option<(PersonId, String)>,
    pub caps: Caps,
}

impl AwayRecord {
    /// When it was over, or will be.
    pub fn end(&self) -> Millis {
        self.ended.as_ref().map_or(self.until, |(at, _)| (*at).min(self.until))
    }

    pub fn is_on(&self, now: Millis) -> bool {
        self.from <= now && now < self.end()
    }

    /// The word for a category, where one was said.
    pub fn choice(&self, category: &str) -> Option<&str> {
        self.choices.get(category).or_else(|| self.choices.get("*")).map(String::as_str)
    }
}

#[derive(Debug, Clone)]
pub struct NewAway {
    pub id: AwayId,
    pub from: Millis,
    pub until: Millis,
    pub reason: String,
    pub choices: BTreeMap<String, String>,
    pub delegate: Option<PersonId>,
    pub caps: Caps,
    /// When they had proven who they are.
    pub proven_at: Millis,
    pub act: Act,
}

/// What lets an agent act on its own recommendations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRecord {
    pub id: GrantId,
    pub by: (PersonId, String),
    pub at: Millis,
    pub terms: Terms,
    /// What was signed, and the seal.
    pub canonical: Vec<u8>,
    pub seal: String,
    /// When it was taken back or fell, and why.
    pub ended: Option<(Millis, String)>,
    /// Decisions by it: within 24 hours, and all.
    pub used_today: u32,
    pub used: u32,
    /// From when on it acts again, where it had acted as often as it may in a day.
    pub frees: Millis,
    /// Whether the journal says that it was given.
    pub is_journaled: bool,
}

impl GrantRecord {
    pub fn is_live(&self, now: Millis) -> bool {
        self.ended.is_none() && now < self.terms.until
    }
}

#[derive(Debug, Clone)]
pub struct NewGrant {
    pub id: GrantId,
    pub terms: Terms,
    pub canonical: Vec<u8>,
    /// Of that.
    pub sha256: ArtifactHash,
    /// What the passkey said to it: a seal as JSON.
    pub seal: String,
    /// The id of the task that tells its agent.
    pub task: TaskId,
    /// The founder's name.
    pub name: String,
    /// The moment that was signed.
    pub at: Millis,
    pub act: Act,
}

/// What nobody had decided, and is to be decided anew.
#[derive(Debug, Clone)]
pub struct NewReversal {
    pub decision: DecisionId,
    pub reason: String,
    /// The ids of the tasks that tell the author: of the decision, and of the grants that fall by it.
    pub task: TaskId,
    pub act: Act,
}

/// What became of one brief in an absence, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwayEvent {
    pub brief: BriefRecord,
    pub at: Millis,
    /// Why nothing happened, and the cap that held it.
    pub lapsed: Option<(String, Option<Cap>)>,
    /// The task by which its author was asked to have it decided anew.
    pub reversed: Option<TaskId>,
    /// What it cost, where nobody decided it.
    pub cost_micro_usd: i64,
}

/// All that a report on an absence is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwayRecords {
    pub away: AwayRecord,
    /// Decided in it, by whomever; what nobody decided first, and oldest first.
    pub decided: Vec<AwayEvent>,
    /// Deadlines that passed without anything happening.
    pub lapsed: Vec<AwayEvent>,
    /// What waited at its end, or waits now.
    pub waiting: Vec<BriefRecord>,
    /// How many there are of each; the lists have an end.
    pub figures: AwayFigures,
    /// Of all that nobody decided.
    pub cost_micro_usd: i64,
}

/// What an agent is about to do by a grant.
#[derive(Debug, Clone)]
pub struct NewGranted {
    pub id: DecisionId,
    pub grant: GrantId,
    pub brief: BriefId,
    pub sha256: ArtifactHash,
    pub option: String,
    pub telling: super::Telling,
}

#[async_trait]
pub trait Autonomy: Send + Sync {
    /// Absences: the one that is on, then the newest.
    async fn aways(&self, tenant: TenantId, limit: u32) -> Result<Vec<AwayRecord>, StoreError>;
    /// [`StoreError::Refused`] where there is one in that time.
    async fn declare(&self, tenant: TenantId, away: NewAway) -> Result<(), StoreError>;
    /// Ends it now; done twice, once. [`StoreError::Refused`] where it is over.
    async fn end_away(&self, tenant: TenantId, away: AwayId, act: Act) -> Result<(), StoreError>;
    async fn report(&self, tenant: TenantId, away: AwayId, now: Millis) -> Result<AwayRecords, StoreError>;
    /// The categories of the briefs that agents asked lately.
    async fn categories(&self, tenant: TenantId) -> Result<Vec<String>, StoreError>;
    /// Grants: all that count, then the newest of the others up to the limit.
    async fn grants(&self, tenant: TenantId, limit: u32) -> Result<Vec<GrantRecord>, StoreError>;
    /// [`StoreError::Refused`] where the agent has one for the category, or there is no such agent.
    async fn give(&self, tenant: TenantId, grant: NewGrant) -> Result<(), StoreError>;
    /// Takes it back; done twice, once.
    async fn end_grant(
        &self,
        tenant: TenantId,
        grant: GrantId,
        why: &str,
        task: TaskId,
        act: Act,
    ) -> Result<(), StoreError>;
    /// Briefs that wait on which a grant acts now, each with the grant.
    async fn granted(&self, tenant: TenantId, now: Millis) -> Result<Vec<(BriefRecord, GrantId)>, StoreError>;
    /// It takes effect. False where somebody was faster, or the grant does not let it.
    async fn act(&self, tenant: TenantId, granted: NewGranted, now: Millis) -> Result<bool, StoreError>;
    /// [`StoreError::Refused`] for what a person decided, or was asked anew before.
    async fn reverse(&self, tenant: TenantId, reversal: NewReversal) -> Result<(), StoreError>;
}
