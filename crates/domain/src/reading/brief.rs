//! Decision briefs, as people read them. All text in here is text: only [`BriefView::context_html`] is markup, which
//! the server wrote anew and in which nothing can run.

use super::AwayNotice;
use crate::{
    Millis,
    brief::{BriefChoice, BriefState, DecisionState, InboxSplit, VoidReason},
};
use serde::{Deserialize, Serialize};

/// What waits for a founder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// All that wait, the nearest deadline first; then those that are snoozed; then the newest that were decided.
    pub rows: Vec<BriefRow>,
    pub counts: InboxCounts,
    /// Whether the reader may decide.
    pub may_decide: bool,
    /// The nearest deadline of all, for an inbox that is empty otherwise.
    pub next_deadline: Option<Millis>,
    /// Decisions whose day has come to be looked back on, the oldest day first.
    pub look_backs: Vec<super::LookBackDue>,
    /// An absence of the founders that is on, or was over lately.
    pub away: Option<AwayNotice>,
}

/// How much is in each part of the inbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxCounts {
    pub due_soon: u32,
    pub decisions: u32,
    pub snoozed: u32,
    pub decided: u32,
    /// Role files that wait for a review.
    pub reviews: u32,
    /// Decisions to look back on.
    pub look_back: u32,
}

/// One brief in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "facts of a brief that hold beside each other")]
pub struct BriefRow {
    pub id: String,
    /// The agent that asks, or `founder` for the organization's people; and what it is called by them.
    pub author: String,
    /// The person who wrote it, where no agent did.
    #[serde(default)]
    pub written_by: Option<String>,
    pub name: String,
    pub title: String,
    pub question: String,
    pub category: String,
    /// Only a founder settles this category.
    pub is_reserved: bool,
    pub options: u32,
    /// `low`, `medium` or `high`: the highest of the options; `None` where none says one.
    pub risk: Option<String>,
    /// What the dearest option costs, in millionths of a dollar.
    pub at_stake_micro_usd: i64,
    /// The recommended option.
    pub recommended: String,
    /// In millionths: 820,000 is 0.82.
    pub confidence_micro: u32,
    pub deadline: Millis,
    pub opened_at: Millis,
    pub state: BriefState,
    pub split: InboxSplit,
    /// The deadline has passed, and nothing happened by it.
    pub is_overdue: bool,
    pub snoozed_until: Option<Millis>,
    /// Until when a decision may be taken back.
    pub held_until: Option<Millis>,
    /// What was decided, in a few words: `B: Roll back`.
    pub outcome: Option<String>,
    /// Who decided; `None` with an outcome: silence did.
    pub decided_by: Option<String>,
    pub decided_at: Option<Millis>,
    /// From 1, and the hash of the newest version: 64 hexadecimal digits.
    pub version: u32,
    pub sha256: String,
    /// From 0 to 100.
    pub lint_score: u8,
    /// How long it takes to read, in seconds.
    pub reading_s: u32,
    /// Questions that its author has not answered yet.
    pub unanswered: u32,
    /// The decision that the reader may take back still.
    pub undo: Option<String>,
    /// Who decides it in the founders' place, by name, if nobody does before its deadline.
    pub delegate: Option<String>,
    /// That person may decide it already: its deadline has passed, or the founders are away.
    pub is_delegated: bool,
    /// It is the reader.
    pub is_yours: bool,
    /// When its author acts on its own recommendation, by a grant.
    pub acts_at: Option<Millis>,
}

/// All that would keep a brief from being decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefCheck {
    pub faults: Vec<FaultView>,
}

/// One thing that is wrong with a brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultView {
    /// Where: a JSON pointer (RFC 6901); empty for the whole.
    pub pointer: String,
    /// What is wrong, and how to mend it.
    pub words: String,
}

/// One brief with all that a founder needs to decide it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefView {
    pub row: BriefRow,
    /// The context as markup of the server's own; empty where there is none.
    pub context_html: String,
    /// The context as its author wrote it, with nothing hidden in it: what the hash is of, word for word.
    pub context_source: String,
    pub options: Vec<OptionView>,
    pub recommendation: RecommendationView,
    pub evidence: Vec<EvidenceView>,
    /// Facts of the founders: those that it names, and those that came after it.
    #[serde(default)]
    pub facts: Vec<super::BriefFact>,
    pub input_needed: String,
    /// The trace that it belongs to.
    pub correlation_id: Option<String>,
    /// What happens at the deadline, in a sentence.
    pub silence: String,
    /// The option that silence would take; `None`: nothing happens.
    pub silence_option: Option<String>,
    /// What its author does by a grant before, in a sentence; when is [`BriefRow::acts_at`].
    pub by_grant: Option<String>,
    /// The clock of the deadline stands, since there is an emergency stop.
    pub is_frozen: bool,
    /// Oldest first.
    pub thread: Vec<BriefAnswer>,
    /// What was decided, or is held; those that were taken back or voided are in [`Self::past_decisions`].
    pub decision: Option<DecisionView>,
    pub past_decisions: Vec<DecisionView>,
    /// Newest first, the one that is shown among them.
    pub versions: Vec<BriefVersion>,
    /// What the newest version says otherwise than the one before, or than the one that the reader asked from.
    pub difference: Vec<BriefChange>,
    /// What happened to it, oldest first.
    pub strip: Vec<BriefEvent>,
    /// Why it cannot be decided now, in a sentence: evidence that is gone, a state that is over.
    pub blocked: Option<String>,
    /// Whether the reader may decide it now.
    pub may_decide: bool,
    /// Whether the reader has a passkey that can sign here.
    pub may_sign: bool,
}

/// One option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionView {
    pub key: String,
    pub title: String,
    pub consequence: String,
    /// In millionths of a dollar; less than nothing is saved.
    pub cost_micro_usd: i64,
    /// As people write it: `$40.00`.
    pub cost: String,
    pub effort: Option<String>,
    pub is_reversible: bool,
    /// `low`, `medium` or `high`.
    pub risk: Option<String>,
    /// What each agent gets where this option is decided, in words.
    #[serde(default)]
    pub allocation: Option<String>,
    pub is_recommended: bool,
    /// Silence would take it.
    pub is_of_silence: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecommendationView {
    pub key: String,
    pub why: String,
    /// In millionths: 820,000 is 0.82.
    pub confidence_micro: u32,
}

/// One artifact that shows what the brief says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceView {
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// What the brief calls it.
    pub title: String,
    /// `text/plain` and the like; empty where it is not there.
    pub content: String,
    pub size: u64,
    pub check: EvidenceCheck,
}

/// Whether an artifact is what its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceCheck {
    /// Its bytes have the hash that names it.
    Verified,
    /// It is there; its bytes are too many to look at for a page, and are checked as they are read.
    CheckedOnReading,
    Missing,
    /// Its bytes have another hash.
    Damaged,
    /// The place where the bytes are does not answer.
    Unknown,
}

impl EvidenceCheck {
    /// Whether a founder may decide on it.
    pub fn is_sound(self) -> bool {
        matches!(self, Self::Verified | Self::CheckedOnReading)
    }
}

/// A question to the author, and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefAnswer {
    pub question: String,
    pub by: String,
    pub at: Millis,
    /// The task by which the author was asked.
    pub task: String,
    /// What the author answered; `None` while it has not.
    pub answer: Option<String>,
    pub answered_at: Option<Millis>,
    /// Why there will be no answer.
    pub failed: Option<String>,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionView {
    pub id: String,
    pub choice: BriefChoice,
    /// The choice in words: `B: Roll back`.
    pub words: String,
    pub rationale: String,
    pub prediction: String,
    pub check_at: Option<Millis>,
    /// Who decided; `None`: silence did.
    pub by: Option<String>,
    /// In whose place a delegate decided.
    pub for_person: Option<String>,
    /// How they had proven who they are, or by which policy silence decided.
    pub how: String,
    pub at: Millis,
    pub state: DecisionState,
    /// Of one that never counted.
    pub void_reason: Option<VoidReason>,
    /// Until when it may be taken back.
    pub held_until: Millis,
    pub ended_at: Option<Millis>,
    /// The version that it is about, and its hash.
    pub version: u32,
    pub sha256: String,
    /// Whether a passkey signed it.
    pub is_signed: bool,
    /// What is kept of it is not what was signed, or kept to be signed: somebody changed it.
    pub is_damaged: bool,
    /// SHA-256 of the canonical decision: 64 hexadecimal digits; `None` where silence decided.
    pub decision_sha256: Option<String>,
    /// Whether the reader may take it back now.
    pub may_undo: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefVersion {
    /// From 1.
    pub version: u32,
    pub sha256: String,
    pub at: Millis,
    pub is_shown: bool,
}

/// One thing that a version says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefChange {
    /// `option B: cost` and the like.
    pub what: String,
    /// `None` where it was added.
    pub before: Option<String>,
    /// `None` where it was removed.
    pub after: Option<String>,
}

/// One thing that happened to a brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefEvent {
    pub at: Millis,
    pub words: String,
}

/// What came of a founder's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionHeld {
    pub decision: String,
    pub words: String,
    /// Until when it may be taken back.
    pub held_until: Millis,
    pub is_signed: bool,
}

/// How well an agent asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefAuthorRow {
    pub author: String,
    /// Briefs that a founder saw, and those that went back.
    pub taken: u32,
    pub refused: u32,
    /// The means of all of them: points from 0 to 100, and seconds.
    pub lint_score: u8,
    pub reading_s: u32,
}

/// What silence means in a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefPolicyRow {
    pub category: String,
    /// Only founders settle it.
    pub is_reserved: bool,
    /// It is so in every organization, and nobody can change it.
    pub is_fixed: bool,
    /// `hold`, `as_declared`, `recommended` or `delegate`.
    pub silence: String,
    /// Who decides then, where silence hands the category to a person.
    pub delegate: Option<String>,
}
