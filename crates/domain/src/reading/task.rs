//! A task, its attempts and its events, as the console shows them.

use crate::{
    Millis,
    task::{AttemptOutcome, TaskState},
};
use serde::{Deserialize, Serialize};

/// One line of the task list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRow {
    /// UUID text.
    pub id: String,
    pub agent: String,
    pub kind: String,
    pub state: TaskState,
    pub title: Option<String>,
    pub correlation_id: Option<String>,
    /// When the bus took it.
    pub created_at: Millis,
    /// When the last thing about it happened.
    pub updated_at: Millis,
    pub ended_at: Option<Millis>,
    /// Attempts so far.
    pub attempts: u32,
    /// The last reason that an attempt gave.
    pub reason: Option<String>,
    /// Reported cost.
    pub usd: Option<f64>,
}

/// What to look for. Empty fields do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskQuery {
    /// Any of these states.
    pub state: Vec<TaskState>,
    pub agent: Option<String>,
    pub kind: Option<String>,
    /// Words in the payload, the kind or the reason.
    pub text: Option<String>,
    /// Exactly this `correlation_id`.
    pub trace: Option<String>,
    /// Created at or after. Milliseconds since the epoch.
    pub from: Option<Millis>,
    /// Created before.
    pub to: Option<Millis>,
    /// Show what is older than this cursor (from [`TaskPage::older`]).
    pub older_than: Option<String>,
    /// Show what is newer than this cursor (from [`TaskPage::newer`]).
    pub newer_than: Option<String>,
}

/// One page of the task list, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskPage {
    pub rows: Vec<TaskRow>,
    /// Cursor of the page with newer tasks, where there is one.
    pub newer: Option<String>,
    /// Cursor of the page with older tasks, where there is one.
    pub older: Option<String>,
    /// How many tasks match, counted up to [`TaskPage::COUNT_LIMIT`].
    pub count: u64,
    /// Whether there are tasks at all, filtered or not.
    pub any: bool,
    /// The agents that the filter offers.
    pub agents: Vec<String>,
    /// The kinds that the filter offers.
    pub kinds: Vec<String>,
}

impl TaskPage {
    /// Rows on a page.
    pub const SIZE: u32 = 50;
    /// Counting stops here: “more than 10,000”.
    pub const COUNT_LIMIT: u64 = 10_000;
}

/// One delivery of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptRow {
    pub number: u32,
    pub outcome: AttemptOutcome,
    /// When the worker got it, where known: a stock client does not say.
    pub started_at: Option<Millis>,
    pub ended_at: Option<Millis>,
    pub reason: Option<String>,
}

/// A payload, made ready to be shown as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadText {
    /// Indented JSON, or the text as it came, with invisible characters made visible.
    pub text: String,
    /// Size of the payload on the bus.
    pub bytes: u64,
    /// SHA-256 of the payload, in hexadecimal.
    pub sha256: String,
    /// Whether `text` was cut at 64 KiB.
    pub cut: bool,
}

/// One task with all that is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskDetail {
    pub row: TaskRow,
    pub subject: String,
    pub stream_sequence: u64,
    pub message_id: Option<String>,
    /// Who says to have sent it.
    pub claimed_sender: Option<String>,
    /// Whether the sender signed it with a key of its own.
    pub sender_verified: bool,
    /// 0 to 9, for tasks that a founder made; it counts until the task is on the bus.
    pub priority: u8,
    /// When it may go to the bus, for a task that is scheduled.
    pub not_before: Option<Millis>,
    /// The dead letter that this does again.
    pub replay_of: Option<String>,
    /// The task that does this again.
    pub replayed_as: Option<String>,
    /// What the worker handed in, made ready to be shown.
    pub result: Option<PayloadText>,
    /// The artifacts that the worker named with it, by their SHA-256.
    pub artifacts: Vec<String>,
    /// Why it was cancelled or dismissed, and by whom.
    pub closed: Option<Closed>,
    pub payload: PayloadText,
    pub headers: Vec<(String, String)>,
    /// In order of their number.
    pub attempts: Vec<AttemptRow>,
    /// The most attempts that the bus will make.
    pub max_attempts: u32,
    /// Other tasks with the same `correlation_id`, oldest first, at most 50.
    pub trace_tasks: Vec<TaskRow>,
    /// Events with the same `correlation_id`, or about this task, oldest first, at most 100.
    pub trace_events: Vec<EventRow>,
}

/// A founder's word that ended something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub by: String,
    pub at: Millis,
    pub reason: Option<String>,
}

/// One broadcast fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRow {
    pub agent: String,
    pub topic: String,
    pub at: Millis,
    pub correlation_id: Option<String>,
    /// The payload's first 500 characters.
    pub excerpt: String,
    /// The cost that it reports.
    pub usd: Option<f64>,
}
