//! What founders know and agents cannot see: what was promised, what must not be touched, what comes with the season.

use crate::{ContextFactId, Millis, task::words};
use serde::{Deserialize, Serialize};

words!(
    /// What kind of fact it is.
    FactKind {
        /// Something was promised to somebody.
        Commitment = "commitment",
        /// Something must not be changed for a while.
        Freeze = "freeze",
        /// Something comes with the time of the year.
        Seasonality = "seasonality",
    }
);

impl FactKind {
    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Commitment => "Commitment",
            Self::Freeze => "Freeze",
            Self::Seasonality => "Seasonality",
        }
    }
}

/// Characters of a fact.
pub const MOST_TEXT: usize = 500;

/// A fact in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextFact {
    pub id: ContextFactId,
    /// From 1.
    pub version: u32,
    pub kind: FactKind,
    pub text: String,
    pub from: Millis,
    /// None: until further notice.
    pub until: Option<Millis>,
    /// It holds no longer: somebody took it back.
    pub withdrawn: bool,
}
