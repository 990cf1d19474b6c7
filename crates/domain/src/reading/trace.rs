//! All of one `correlation_id`.

use super::{AttemptRow, EventRow, TaskRow};
use crate::{Millis, breaker::BreakerState};
use serde::{Deserialize, Serialize};

/// Everything of one `correlation_id`, across agents: one timeline of tasks, events and decisions, a page of
/// [`Trace::LIMIT`] steps at a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    pub correlation_id: String,
    /// Those of this page, oldest first.
    pub tasks: Vec<TraceTask>,
    /// Those of this page, oldest first.
    pub events: Vec<EventRow>,
    /// Those of this page, oldest first.
    pub decisions: Vec<DecisionRow>,
    /// How many there are in all.
    pub task_count: u64,
    pub event_count: u64,
    pub decision_count: u64,
    pub started_at: Option<Millis>,
    /// When the last of it happened; `None` while a task is open.
    pub ended_at: Option<Millis>,
    pub open: u64,
    /// Reported cost: that of its tasks, and of its events that speak of none of them.
    pub usd: Option<f64>,
    /// Agents that took part, in the order in which they joined.
    pub agents: Vec<String>,
    /// Whether steps before this page were left out.
    pub is_later: bool,
    /// Cursor of the next page, where there is one.
    pub next: Option<String>,
}

impl Trace {
    /// Steps on a page.
    pub const LIMIT: u32 = 200;
}

/// A task of a trace with its attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceTask {
    pub row: TaskRow,
    pub attempts: Vec<AttemptRow>,
}

/// What somebody decided about a piece of work, as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRow {
    /// The number of the journal's entry.
    pub entry: u64,
    pub at: Millis,
    /// Whose word it was; `None` for what Countersign did by its own rules.
    pub by: Option<String>,
    pub what: Decision,
    pub reason: Option<String>,
}

/// A task as a decision speaks of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskName {
    pub id: String,
    /// Its title, or its kind where it has none.
    pub name: String,
}

/// What can be decided about a piece of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Decision {
    TaskCreated {
        task: TaskName,
    },
    TaskCancelled {
        task: TaskName,
    },
    TaskReprioritised {
        task: TaskName,
        priority: u8,
    },
    LetterReplayed {
        letter: TaskName,
        /// The id of the task that does it again.
        replay: String,
        edited: bool,
    },
    ReplayStopped {
        letter: TaskName,
    },
    LetterDismissed {
        letter: TaskName,
    },
    /// A message that could not be understood was mended and became this task.
    MessageRequeued {
        task: TaskName,
    },
    BreakerMoved {
        agent: String,
        state: BreakerState,
    },
}
