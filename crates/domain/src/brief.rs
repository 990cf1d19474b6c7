//! Decision briefs: where they stand, and what was said of them. How one is read and judged is in the crate `brief`.

use crate::task::words;
use serde::{Deserialize, Serialize};

words!(
    /// Where a brief stands.
    BriefState {
        /// It waits for a founder.
        Open = "open",
        /// It waits, and is out of sight until a founder's moment for it comes.
        Snoozed = "snoozed",
        /// A founder decided; for some seconds they may take it back.
        Held = "held",
        /// It is decided, by a founder or by what the founders let silence mean.
        Decided = "decided",
    }
);

words!(
    /// Where a decision stands.
    DecisionState {
        /// It may be taken back still; nobody was told.
        Held = "held",
        /// It counts.
        Made = "made",
        /// Whoever made it took it back in time.
        TakenBack = "taken_back",
        /// A newer version of the brief came before it counted.
        Voided = "voided",
    }
);

words!(
    /// Where the inbox shows a brief.
    InboxSplit {
        /// Its deadline is near, or over.
        DueSoon = "due_soon",
        Decisions = "decisions",
        Snoozed = "snoozed",
        /// Decided lately.
        Decided = "decided",
    }
);

/// For so long a decision may be taken back. Milliseconds.
pub const HELD_MS: i64 = 10_000;
/// A deadline is near from here on. Milliseconds.
pub const DUE_SOON_MS: i64 = 24 * 60 * 60 * 1000;
/// Characters of a rationale, and of an answer of one's own.
pub const MOST_RATIONALE: usize = 2_000;
/// Characters of a prediction.
pub const MOST_PREDICTION: usize = 500;
/// Characters of a question to a brief's author.
pub const MOST_QUESTION: usize = 1_000;

/// What a founder chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum BriefChoice {
    /// An option, by its key.
    Option(String),
    /// An answer that no option has.
    Own(String),
    /// Nothing of it is to be done.
    Rejected,
}

impl BriefChoice {
    /// The word of its kind, as it is kept.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Option(_) => "option",
            Self::Own(_) => "own",
            Self::Rejected => "rejected",
        }
    }

    /// The option's key or the answer's text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Option(text) | Self::Own(text) => Some(text),
            Self::Rejected => None,
        }
    }

    /// The reverse of [`Self::kind`] and [`Self::text`].
    pub fn of(kind: &str, text: Option<String>) -> Option<Self> {
        match (kind, text) {
            ("option", Some(key)) => Some(Self::Option(key)),
            ("own", Some(answer)) => Some(Self::Own(answer)),
            ("rejected", None) => Some(Self::Rejected),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_kept_in_two_words() {
        for choice in [BriefChoice::Option("A".into()), BriefChoice::Own("Neither.".into()), BriefChoice::Rejected] {
            assert_eq!(BriefChoice::of(choice.kind(), choice.text().map(str::to_owned)), Some(choice));
        }
        assert_eq!(BriefChoice::of("option", None), None);
        assert_eq!(BriefChoice::of("rejected", Some(String::new())), None);
    }
}
