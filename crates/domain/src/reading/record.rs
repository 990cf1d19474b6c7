//! Decisions that count, as people look them up and look back on them. All text in here is text: only
//! [`DecidedBrief::context_html`] is markup, which the server wrote anew.

use super::{BriefAuthorRow, DecisionView, EvidenceView, OptionView, RecommendationView, TaskRow, Who};
use crate::{
    Millis, PersonId,
    brief::Outcome,
    task::words,
    track_record::{CalibrationBin, Support, TrackRow},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

words!(
    /// Where looking back on a decision stands.
    OutcomeFilter {
        Right = "right",
        Partly = "partly",
        Wrong = "wrong",
        Unknown = "unknown",
        /// Its day has come, and nobody answered.
        Due = "due",
        /// Its day lies ahead.
        Ahead = "ahead",
        /// Nobody means to look back on it.
        Never = "never",
    }
);

/// Which decisions. Empty fields do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionQuery {
    /// Stands in the question, the title, the rationale or the answer, whatever the case of its letters.
    pub text: Option<String>,
    pub category: Option<String>,
    /// The author of the brief.
    pub agent: Option<String>,
    /// Who decided; [`Who::Server`] is silence.
    pub who: Option<Who>,
    pub from: Option<Millis>,
    /// Before this moment.
    pub to: Option<Millis>,
    /// Whether a passkey signed it. What silence decided is neither.
    pub signed: Option<bool>,
    pub outcome: Option<OutcomeFilter>,
}

impl DecisionQuery {
    /// The most characters of a word that is looked for; what is longer is cut.
    pub const MOST_WORD: usize = 200;

    /// With words as the database takes them: no character of number zero is in any text, and none is endless.
    #[must_use]
    pub fn plain(self) -> Self {
        let plain = |word: String| word.replace('\0', "").chars().take(Self::MOST_WORD).collect::<String>();
        Self { text: self.text.map(plain), category: self.category.map(plain), agent: self.agent.map(plain), ..self }
    }
}

/// Between two decisions: since when it counts, and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecisionPlace {
    pub at: i64,
    pub id: Uuid,
}

impl DecisionPlace {
    /// As an address writes it.
    pub fn to_text(self) -> String {
        format!("{}.{}", self.at, self.id)
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self { at: at.parse().ok()?, id: id.parse().ok()? })
    }
}

/// Where a page of decisions begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DecisionTurn {
    #[default]
    Newest,
    Older(DecisionPlace),
    Newer(DecisionPlace),
}

/// One page of decisions that count, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionLog {
    pub rows: Vec<DecisionLogRow>,
    pub older: Option<DecisionPlace>,
    pub newer: Option<DecisionPlace>,
    /// Of all that the question finds.
    pub counts: DecisionCounts,
    /// By which it can be narrowed.
    pub people: Vec<(PersonId, String)>,
    pub categories: Vec<String>,
    pub agents: Vec<String>,
}

impl DecisionLog {
    /// Rows of a page.
    pub const SIZE: usize = 50;
}

/// The rows of a page alone, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionPage {
    pub rows: Vec<DecisionLogRow>,
    pub older: Option<DecisionPlace>,
    pub newer: Option<DecisionPlace>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecisionCounts {
    pub all: u64,
    pub signed: u64,
    pub unsigned: u64,
    pub by_silence: u64,
}

/// One decision in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "facts of a decision that hold beside each other")]
pub struct DecisionLogRow {
    pub id: String,
    pub brief: String,
    /// Since when it counts.
    pub at: Millis,
    pub title: String,
    pub question: String,
    pub category: String,
    pub agent: String,
    /// The choice in words: `B: Roll back`.
    pub words: String,
    pub rationale: String,
    /// Who decided; `None`: silence did.
    pub by: Option<String>,
    pub is_signed: bool,
    /// It is what the author recommended.
    pub followed: bool,
    /// How sure the author was, in millionths.
    pub confidence_micro: u32,
    /// When it is to be looked back on.
    pub check_at: Option<Millis>,
    pub is_due: bool,
    pub outcome: Option<Outcome>,
    /// What is kept of its brief is not what was decided on: nothing is told but that it is there.
    pub is_damaged: bool,
}

/// A decision whose day to look back on has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookBackDue {
    pub decision: String,
    pub title: String,
    /// The choice in words.
    pub words: String,
    pub prediction: String,
    pub since: Millis,
    pub tasks: u64,
    pub done: u64,
    pub failed: u64,
    /// In millionths of a dollar; `None` where nobody reported any.
    pub micro_usd: Option<i64>,
}

/// One decision with what was known when it was made, and what followed.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeDecision {
    pub decision: DecisionView,
    /// Why what is kept of it cannot be trusted, each in a sentence; empty where it can.
    pub faults: Vec<String>,
    /// The network address from which it came.
    pub from: Option<String>,
    /// The name of the API token with which it came.
    pub token: Option<String>,
    /// The number of its entry in the journal.
    pub entry: Option<u64>,
    /// The key that signed it.
    pub key: Option<SigningKey>,
    /// Why nobody signed it.
    pub unsigned: Option<String>,
    /// The version of the rule by which this person could decide.
    pub rule: Option<String>,
    pub brief: DecidedBrief,
    /// As it is now, looked at once more.
    pub evidence: Vec<EvidenceView>,
    /// It is what the author recommended.
    pub follows: bool,
    /// The trace of what followed.
    pub trace: String,
    pub followed: Followed,
    pub look_back: LookBackView,
    /// Whether the reader may say how it turned out.
    pub may_look_back: bool,
}

/// The passkey under a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningKey {
    /// SHA-256 of the key: 64 hexadecimal digits.
    pub fingerprint: String,
    /// The page on which it signed.
    pub origin: String,
    /// So many decisions are under the same signature.
    pub covers: u64,
}

/// A brief as it was when it was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedBrief {
    pub id: String,
    pub author: String,
    pub name: String,
    pub title: String,
    pub question: String,
    pub category: String,
    pub version: u32,
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// When this version was asked.
    pub asked_at: Millis,
    /// As its author set it.
    pub deadline: Millis,
    pub at_deadline: Option<String>,
    pub context_html: String,
    pub context_source: String,
    pub options: Vec<OptionView>,
    pub recommendation: RecommendationView,
    pub input_needed: String,
    pub correlation_id: Option<String>,
}

/// Tasks of the same trace since a decision.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Followed {
    /// By which its author was told.
    pub told: Option<TaskRow>,
    /// Oldest first, at most [`Followed::LIMIT`].
    pub tasks: Vec<TaskRow>,
    pub count: u64,
    pub done: u64,
    /// Failed for good, dead or undeliverable.
    pub failed: u64,
    /// Not ended yet.
    pub open: u64,
    /// Came before the decision.
    pub before: u64,
    /// What agents reported since, in millionths of a dollar; `None` where nobody did.
    pub micro_usd: Option<i64>,
}

impl Followed {
    pub const LIMIT: u32 = 50;
}

/// Whether what was decided proved right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookBackView {
    /// When somebody is to look; later than the decision says where it was put off.
    pub check_at: Option<Millis>,
    pub is_due: bool,
    /// The newest answer.
    pub outcome: Option<Outcome>,
    /// All that was said, oldest first.
    pub rows: Vec<LookBackRow>,
}

/// What somebody said when they looked back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookBackRow {
    /// `None` where they put it off.
    pub outcome: Option<Outcome>,
    pub until: Option<Millis>,
    pub note: String,
    pub by: String,
    pub at: Millis,
}

/// How agents' recommendations fared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrackRecord {
    pub rows: Vec<TrackRow>,
    pub bins: Vec<CalibrationBin>,
    /// What the numbers would support.
    pub supported: Vec<Support>,
    pub authors: Vec<BriefAuthorRow>,
    /// So many of the newest decisions were looked at.
    pub decisions: u64,
    /// So many more could not be read: what is kept of them was changed.
    pub damaged: u64,
}
