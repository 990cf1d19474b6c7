//! What happens while founders are away, and what agents may do by themselves, as people read it.

use super::BriefPolicyRow;
use crate::{Millis, autonomy::Cap};
use serde::{Deserialize, Serialize};

/// All that founders said before about what happens without them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Autonomy {
    pub policies: Vec<BriefPolicyRow>,
    /// The newest first.
    pub aways: Vec<AwayRow>,
    pub grants: Vec<GrantRow>,
    /// Who may be handed what founders decide, the reader not among them: address and name.
    pub people: Vec<(String, String)>,
    /// Agents, and the categories that were asked about.
    pub agents: Vec<String>,
    pub categories: Vec<String>,
    /// Whether the reader has a passkey that can sign here.
    pub may_sign: bool,
}

/// Where something stands that begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    Ahead,
    On,
    Over,
}

/// A time in which the founders are away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwayRow {
    pub id: String,
    pub by: String,
    pub from: Millis,
    pub until: Millis,
    /// When a founder came back before, and who.
    pub ended: Option<(Millis, String)>,
    pub stand: Stand,
    pub reason: String,
    /// Categories (`*`: every other one) with the words of their policies.
    pub choices: Vec<(String, String)>,
    pub delegate: Option<String>,
    pub most_decisions: u32,
    /// As people write it: `$40.00`.
    pub most_cost: String,
    pub most_moved_percent: u32,
}

/// An absence, above the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwayNotice {
    pub id: String,
    pub by: String,
    pub from: Millis,
    /// When it is over, or was.
    pub end: Millis,
    pub is_on: bool,
    /// Whether the reader may say that the founders are back.
    pub may_end: bool,
}

/// What was done without a founder, in an absence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwayOutcome {
    pub brief: String,
    pub title: String,
    pub author: String,
    pub category: String,
    pub at: Millis,
    /// The option, or why nothing happened.
    pub words: String,
    /// Who did it, or by what it happened.
    pub by: String,
    /// `silence`, `grant`, `delegate`, `founder`, `lapsed`.
    pub kind: String,
    /// As people write it; empty where it costs nothing, or a person decided.
    pub cost: String,
    /// The cap that held it.
    pub cap: Option<Cap>,
    pub decision: Option<String>,
    /// The reader may have it decided anew.
    pub may_reverse: bool,
    /// The task by which its author was asked to.
    pub reversed: Option<String>,
}

/// What waited at the end of an absence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwayWait {
    pub brief: String,
    pub title: String,
    pub author: String,
    pub category: String,
    pub since: Millis,
    /// For how long it waited until then, or until now. Milliseconds.
    pub waited_ms: i64,
    pub is_decided: bool,
}

/// How much there is of each in an absence, whatever the lists show of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwayFigures {
    /// Decided by silence or a grant, and by people.
    pub unsaid: u32,
    pub by_people: u32,
    /// Deadlines that a cap held, and those that passed without anything else.
    pub held: u32,
    pub lapsed: u32,
    /// What is open still.
    pub waiting: u32,
}

/// All that happened in an absence. Its address stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwayReport {
    pub away: AwayRow,
    pub end: Millis,
    pub figures: AwayFigures,
    /// What nobody decided first, and oldest first.
    pub decided: Vec<AwayOutcome>,
    pub lapsed: Vec<AwayOutcome>,
    pub held: Vec<AwayOutcome>,
    pub waiting: Vec<AwayWait>,
    /// What silence and grants spent, as people write it.
    pub cost: String,
}

/// What lets an agent act on its own recommendations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantRow {
    pub id: String,
    pub by: String,
    pub at: Millis,
    pub agent: String,
    pub category: String,
    pub least_confidence_micro: u32,
    /// As people write it.
    pub most_cost: String,
    pub most_a_day: u32,
    pub until: Millis,
    /// SHA-256 of what the passkey signed.
    pub sha256: String,
    /// What is kept of it is not what was signed: nothing follows from it.
    pub is_damaged: bool,
    pub stand: Stand,
    /// When it was taken back or fell, and why.
    pub ended: Option<(Millis, String)>,
    pub used_today: u32,
    pub used: u32,
}
