//! Dead letters and quarantine.

use super::{AttemptRow, Closed, PayloadText, TaskRow};
use crate::{
    Millis,
    letter::{LetterCause, LetterState},
};
use serde::{Deserialize, Serialize};

/// Which dead letters. Empty fields do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LetterQuery {
    pub agent: Option<String>,
    pub kind: Option<String>,
    pub cause: Option<LetterCause>,
    /// Exactly this error, as [`LetterGroup::fingerprint`] names it.
    pub fingerprint: Option<String>,
    /// Exactly these letters (ids of their tasks); with ids, nothing else narrows.
    pub ids: Vec<String>,
    /// Show what is older than this cursor (from [`DeadLetters::older`]).
    pub older_than: Option<String>,
}

/// The dead-letter desk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadLetters {
    /// All that wait, by error; the largest first, at most 100.
    pub groups: Vec<LetterGroup>,
    /// Letters that wait and match the query, newest first, at most [`DeadLetters::SIZE`].
    pub letters: Vec<LetterRow>,
    /// How many match.
    pub count: u64,
    /// How many wait in all.
    pub waiting: u64,
    pub older: Option<String>,
    /// Replays of several at once that are under way or ended within a day, newest first.
    pub runs: Vec<ReplayRun>,
    /// The last letter that was closed, for an empty desk.
    pub last_closed: Option<LetterRow>,
}

impl DeadLetters {
    /// Letters on a page.
    pub const SIZE: u32 = 50;
}

/// Letters with the same error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterGroup {
    pub fingerprint: String,
    pub agent: String,
    pub kind: String,
    pub cause: LetterCause,
    /// The reason of the newest.
    pub reason: Option<String>,
    pub count: u64,
    pub first_at: Millis,
    pub last_at: Millis,
}

/// One dead letter in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterRow {
    /// The id of its task.
    pub id: String,
    pub agent: String,
    pub kind: String,
    pub title: Option<String>,
    pub cause: LetterCause,
    pub state: LetterState,
    pub fingerprint: String,
    pub reason: Option<String>,
    pub attempts: u32,
    pub at: Millis,
    pub correlation_id: Option<String>,
    /// The task that does it again.
    pub replay: Option<String>,
}

/// One dead letter with what a founder needs to decide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadLetterDetail {
    pub letter: LetterRow,
    pub subject: String,
    pub payload: PayloadText,
    /// The payload for mending, where it has at most 64 KiB.
    pub editable: Option<String>,
    pub headers: Vec<(String, String)>,
    pub attempts: Vec<AttemptRow>,
    /// Open tasks of the same trace: what cannot go on, at most 20.
    pub blocked: Vec<TaskRow>,
    pub blocked_count: u64,
    /// The newest task of the same agent and kind that succeeded, with what differs.
    pub last_good: Option<LastGood>,
    /// Letters with the same error that wait, this one counted.
    pub alike: u64,
    pub closed: Option<Closed>,
}

/// A task that went well, beside one that did not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastGood {
    pub row: TaskRow,
    /// From the good payload to the bad one, line by line.
    pub diff: Vec<DiffLine>,
}

/// One line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    pub change: LineChange,
    pub text: String,
}

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineChange {
    Same,
    /// Only in the first.
    Removed,
    /// Only in the second.
    Added,
}

/// What replaying would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayPreview {
    /// Letters that would be done again.
    pub count: u64,
    pub by_agent: Vec<(String, u64)>,
    /// How long until the last one is put on the bus, in seconds.
    pub seconds: u64,
    pub oldest: Option<Millis>,
    pub newest: Option<Millis>,
    /// The first of them, at most 5.
    pub sample: Vec<LetterRow>,
    /// Agents among them whose queue is not handed out now: paused, or the breaker is open.
    pub held_agents: Vec<String>,
}

/// Several dead letters being done again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayRun {
    pub id: String,
    pub by: String,
    pub started_at: Millis,
    /// Letters of the order.
    pub total: u64,
    /// Not on the bus yet.
    pub scheduled: u64,
    pub succeeded: u64,
    /// Ended badly again.
    pub bad: u64,
    /// Called off before they reached the bus.
    pub stopped: u64,
}

/// One message that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineRow {
    pub id: String,
    pub subject: String,
    pub reason: String,
    pub at: Millis,
    pub payload: PayloadText,
    pub headers: Vec<(String, String)>,
    /// The payload for mending, where it is text of at most 64 KiB.
    pub editable: Option<String>,
}
