//! What founders know and agents cannot see, as people and agents read it.

use crate::{Millis, context::FactKind};
use serde::{Deserialize, Serialize};

/// All facts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextView {
    /// Those that hold or will, by when they begin.
    pub facts: Vec<FactRow>,
    /// Those that held: over, or taken back; the newest first.
    pub past: Vec<FactRow>,
    /// Whether the reader may tell facts.
    pub may_change: bool,
}

/// A fact in its newest version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactRow {
    pub id: String,
    pub version: u32,
    pub kind: FactKind,
    pub text: String,
    pub from: Millis,
    pub until: Option<Millis>,
    pub withdrawn: bool,
    /// It holds now: it has begun, and is not over.
    pub holds: bool,
    /// Who told this version, and when.
    pub by: String,
    pub at: Millis,
    /// What it said before, newest first.
    pub before: Vec<FactBefore>,
}

/// A fact as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactBefore {
    pub version: u32,
    pub text: String,
    pub by: String,
    pub at: Millis,
}

/// A fact beside a brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefFact {
    pub id: String,
    pub kind: FactKind,
    pub text: String,
    pub by: String,
    pub at: Millis,
    /// The brief names it.
    pub is_used: bool,
    /// It was told, told otherwise or taken back after the brief was frozen.
    pub is_late: bool,
    pub withdrawn: bool,
}
