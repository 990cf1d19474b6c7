//! The desk: all that waits for one person, in the order in which waiting costs most, and what came of a session.

use super::{BriefChange, BriefRow, DecisionView, ReviewRow};
use crate::{Millis, waiting::WaitingCost};

/// What waits for a founder, one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeskView {
    /// Open briefs, the dearest wait first.
    pub items: Vec<DeskItem>,
    /// Briefs that were decided lately, are held, or were put off: for whoever had chosen about one of them meanwhile.
    pub gone: Vec<BriefRow>,
    /// Role files that wait for a founder: after all briefs, and never several at once.
    pub reviews: Vec<ReviewRow>,
    pub may_decide: bool,
    /// The reader has a passkey that can sign here.
    pub may_sign: bool,
    /// Agents with a task in hand.
    pub working: u32,
    /// The nearest deadline of all that waits or was put off.
    pub next_deadline: Option<Millis>,
}

/// One brief of the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskItem {
    pub row: BriefRow,
    pub cost: WaitingCost,
}

/// What came of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeskDone {
    pub decided: Vec<DeskDecided>,
    pub dropped: Vec<DeskDropped>,
}

/// A brief that was decided in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskDecided {
    pub row: BriefRow,
    /// `None`: it was taken back.
    pub decision: Option<DecisionView>,
    /// Once it counts.
    pub receipt: Option<String>,
}

/// A brief that could not be decided with the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskDropped {
    pub row: BriefRow,
    /// Why, in a sentence.
    pub why: String,
    /// What the newest version says otherwise than the one that was decided on.
    pub difference: Vec<BriefChange>,
}
