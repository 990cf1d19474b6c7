use super::{Attempt, Closed, Header, Payload, each, headers, moment};
use countersign_domain::reading::{TaskDetail, TaskRow};
use serde::Serialize;
use utoipa::ToSchema;

/// One unit of work.
#[derive(Serialize, ToSchema)]
pub struct Task {
    #[schema(format = "uuid")]
    id: String,
    agent: String,
    kind: String,
    /// `scheduled`, `queued`, `running`, `retrying`, `succeeded`, `failed`, `dead`, `undeliverable`, `cancelled`,
    /// `replayed` or `dismissed`.
    state: &'static str,
    title: Option<String>,
    correlation_id: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// Attempts so far.
    attempts: u32,
    /// The last reason that an attempt gave.
    reason: Option<String>,
    /// Reported cost in dollars.
    usd: Option<f64>,
}

impl From<TaskRow> for Task {
    fn from(row: TaskRow) -> Self {
        Self {
            id: row.id,
            agent: row.agent,
            kind: row.kind,
            state: row.state.as_str(),
            title: row.title,
            correlation_id: row.correlation_id,
            created_at: row.created_at.to_rfc3339(),
            updated_at: row.updated_at.to_rfc3339(),
            ended_at: moment(row.ended_at),
            attempts: row.attempts,
            reason: row.reason,
            usd: row.usd,
        }
    }
}

/// A page of tasks, newest first.
#[derive(Serialize, ToSchema)]
pub struct TaskList {
    pub tasks: Vec<Task>,
    /// How many match, counted up to 10,001.
    pub count: u64,
    /// The cursor of the next page, where there is one.
    pub next: Option<String>,
}

/// A task with all that is known of it.
#[derive(Serialize, ToSchema)]
pub struct WholeTask {
    #[serde(flatten)]
    task: Task,
    subject: String,
    payload: Payload,
    headers: Vec<Header>,
    message_id: Option<String>,
    /// Who says to have sent it.
    claimed_sender: Option<String>,
    /// Whether the sender signed it with a key of its own.
    sender_verified: bool,
    /// 0 to 9; it counts until the task is on the bus.
    priority: u8,
    #[schema(format = DateTime)]
    not_before: Option<String>,
    /// In order of their number.
    attempt_log: Vec<Attempt>,
    max_attempts: u32,
    /// What the worker handed in.
    result: Option<Payload>,
    /// What the worker made, by SHA-256.
    artifacts: Vec<String>,
    /// The dead letter that this does again.
    replay_of: Option<String>,
    /// The task that does this again.
    replayed_as: Option<String>,
    /// By whom and why it was cancelled or dismissed.
    closed: Option<Closed>,
}

impl From<TaskDetail> for WholeTask {
    fn from(task: TaskDetail) -> Self {
        Self {
            task: task.row.into(),
            subject: task.subject,
            payload: task.payload.into(),
            headers: headers(task.headers),
            message_id: task.message_id,
            claimed_sender: task.claimed_sender,
            sender_verified: task.sender_verified,
            priority: task.priority,
            not_before: moment(task.not_before),
            attempt_log: each(task.attempts),
            max_attempts: task.max_attempts,
            result: task.result.map(Into::into),
            artifacts: task.artifacts,
            replay_of: task.replay_of,
            replayed_as: task.replayed_as,
            closed: task.closed.map(Into::into),
        }
    }
}
