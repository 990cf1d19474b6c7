//! What the bridge learns from the bus, already understood: the input of the journal.

use crate::{AgentName, Millis, QuarantineId, TaskId, TaskKind, task::words};
use serde::{Deserialize, Serialize};

/// Where a message stands on the bus. A stream that was deleted and made again counts from 1 again,
/// so its creation time (`epoch`, milliseconds) belongs to the position.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    pub stream: String,
    pub epoch: i64,
    pub sequence: u64,
}

/// A message's headers, in the order in which they came.
pub type Headers = Vec<(String, String)>;

/// One message and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub position: Position,
    /// When the bus stored it.
    pub at: Millis,
    /// What makes two messages the same one (`wire::event_id`).
    pub event_id: [u8; 32],
    pub body: FactBody,
}

/// The journal keeps exactly this, so that every view can be rebuilt from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum FactBody {
    TaskReceived(TaskReceived),
    TaskSignalled(TaskSignal),
    EventReceived(EventReceived),
    Quarantined(Quarantined),
}

/// A task was put on `tasks.<agent>.<kind>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskReceived {
    pub task: TaskId,
    pub agent: AgentName,
    pub kind: TaskKind,
    pub correlation_id: Option<String>,
    /// One line that says what is asked, taken from the payload.
    pub title: Option<String>,
    /// JSON text as it came.
    pub payload: String,
    pub headers: Headers,
    pub message_id: Option<String>,
    /// Who says to have sent it.
    pub claimed_sender: Option<String>,
    /// Whether `claimed_sender` signed it with a key of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sender_verified: bool,
    /// Set where the message is one that this server put on the bus for a task it already knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<Issue>,
    /// There was no agent of this name when the task came.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unknown_agent: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// One message that carries a task. A task has more than one where it was put on the bus again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Issue {
    /// 1 for the first message.
    pub number: u32,
    /// Attempts made before this message: its first delivery is attempt `base + 1`.
    pub base: u32,
}

words!(
    /// What a signal says of one attempt.
    SignalKind {
        /// The worker said that it has begun.
        Started = "started",
        /// The worker said why it will fail.
        Complained = "complained",
        Acked = "acked",
        Naked = "naked",
        Terminated = "terminated",
        /// The bus gave up: no attempt is left.
        Exhausted = "exhausted",
        /// A worker took a lease on it through the Workspace API.
        Claimed = "claimed",
        /// The holder of the lease handed in the result.
        Completed = "completed",
        /// The holder of the lease gave the attempt up; another will follow.
        Returned = "handed_back",
        /// The holder of the lease gave the task up for good.
        GaveUp = "gave_up",
        /// The lease ended without a word of its holder.
        LeaseEnded = "lease_ended",
        /// Its message was taken out of the queue while nobody had answered it.
        Deleted = "deleted",
        /// Its message left the queue, but the bus's own report of that was lost.
        Vanished = "vanished",
    }
);

/// Something happened to attempt `attempt` of the task at `sequence` of `TASKS`. It may arrive before
/// the task itself: they travel in different streams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSignal {
    /// When the `TASKS` stream that `sequence` counts in was created.
    pub tasks_epoch: i64,
    /// The sequence of the task's message in `TASKS`.
    pub sequence: u64,
    /// The agent whose consumer or subject it came from; a signal of another agent has no effect.
    pub agent: AgentName,
    /// 1 for the first delivery.
    pub attempt: u32,
    pub kind: SignalKind,
    /// Under a name of its own: in the journal it stands beside the entry's `at`.
    #[serde(rename = "signalled_at")]
    pub at: Millis,
    /// How long the worker took, where the bus says so. Milliseconds.
    pub worked_ms: Option<i64>,
    pub reason: Option<String>,
    /// Set where the signal came as an event of the agent's: then it is shown among the events too.
    pub event: Option<Box<EventReceived>>,
}

/// An agent broadcast something on `events.<agent>.<topic>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventReceived {
    pub agent: String,
    pub topic: String,
    pub correlation_id: Option<String>,
    pub payload: String,
    /// Reported cost in millionths of a dollar, for `usage.reported`.
    pub micro_usd: Option<i64>,
    /// The task it speaks of, by its sequence in `TASKS`.
    pub task_sequence: Option<u64>,
    /// When the `TASKS` stream that `task_sequence` counts in was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks_epoch: Option<i64>,
}

/// A message that could not be understood, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    pub id: QuarantineId,
    pub subject: String,
    pub headers: Headers,
    /// The payload in base64: it may be anything.
    pub payload_base64: String,
    pub reason: String,
}
