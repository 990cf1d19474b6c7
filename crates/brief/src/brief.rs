//! A brief that keeps the contract.

use crate::word::{BriefName, Category, OptionKey};
use countersign_domain::{ArtifactHash, BriefAuthor, ContextFactId, Millis, allocation::Allocation};
use serde::{Deserialize, Serialize};

/// A question for a founder, with all that they need to answer it. Made by [`crate::lint()`], or read back by
/// [`crate::Frozen::thaw`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brief {
    /// Who asks: by the subject or the token with which it came, not by what it says.
    pub author: BriefAuthor,
    pub name: BriefName,
    pub title: String,
    pub question: String,
    pub category: Category,
    /// Markdown without HTML and pictures; may be empty.
    pub context_md: String,
    pub options: Vec<BriefOption>,
    pub recommendation: Recommendation,
    pub evidence: Vec<Evidence>,
    pub deadline: Millis,
    /// The option that the author would have take effect by silence; none: nothing happens.
    pub at_deadline: Option<OptionKey>,
    /// What only the founder can add.
    pub input_needed: String,
    pub correlation_id: Option<String>,
    /// Facts that founders told, on which it rests. Left out where there are none, as in briefs that were before them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<ContextFactId>,
}

/// What a founder may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BriefOption {
    pub key: OptionKey,
    pub title: String,
    /// What comes of it.
    pub consequence: String,
    /// In millionths of a dollar; less than nothing is saved.
    pub cost_micro_usd: i64,
    /// How much work, in the author's words.
    pub effort: Option<String>,
    pub reversible: bool,
    pub risk: Option<Risk>,
    /// What each agent gets where this option is decided. Left out where nothing changes, as in briefs that were before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation: Option<Allocation>,
}

/// How much may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    Low,
    Medium,
    High,
}

impl Risk {
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What the author would choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recommendation {
    pub key: OptionKey,
    pub why: String,
    /// In millionths: 820,000 is 0.82.
    pub confidence_micro: u32,
}

/// An artifact that shows what the brief says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    pub sha256: ArtifactHash,
    pub title: String,
}

impl Brief {
    /// `None` where the brief has no option of that key.
    pub fn option(&self, key: &OptionKey) -> Option<&BriefOption> {
        self.options.iter().find(|option| option.key == *key)
    }
}
