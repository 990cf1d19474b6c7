use super::{Attempt, Closed, Header, Payload, each, headers, moment};
use countersign_domain::reading::{DeadLetterDetail, LetterRow, ReplayPreview};
use serde::Serialize;
use utoipa::ToSchema;

/// A task whose attempts are used up.
#[derive(Serialize, ToSchema)]
pub struct DeadLetter {
    /// The id of the task.
    #[schema(format = "uuid")]
    task: String,
    agent: String,
    kind: String,
    title: Option<String>,
    /// `exhausted`, `given_up` or `undeliverable`.
    cause: &'static str,
    /// `waiting`, `replaying`, `replayed`, `dismissed` or `answered`.
    state: &'static str,
    /// What letters of the same error have in common.
    fingerprint: String,
    reason: Option<String>,
    attempts: u32,
    #[schema(format = DateTime)]
    at: String,
    correlation_id: Option<String>,
    /// The task that does it again.
    replayed_as: Option<String>,
}

impl From<LetterRow> for DeadLetter {
    fn from(row: LetterRow) -> Self {
        Self {
            task: row.id,
            agent: row.agent,
            kind: row.kind,
            title: row.title,
            cause: row.cause.as_str(),
            state: row.state.as_str(),
            fingerprint: row.fingerprint,
            reason: row.reason,
            attempts: row.attempts,
            at: row.at.to_rfc3339(),
            correlation_id: row.correlation_id,
            replayed_as: row.replay,
        }
    }
}

/// A page of dead letters that wait, newest first.
#[derive(Serialize, ToSchema)]
pub struct DeadLetterList {
    pub dead_letters: Vec<DeadLetter>,
    /// How many match.
    pub count: u64,
    /// The cursor of the next page, where there is one.
    pub next: Option<String>,
}

/// A dead letter with what helps to decide.
#[derive(Serialize, ToSchema)]
pub struct WholeDeadLetter {
    #[serde(flatten)]
    letter: DeadLetter,
    subject: String,
    payload: Payload,
    headers: Vec<Header>,
    attempt_log: Vec<Attempt>,
    /// Open tasks of the same trace.
    blocked: u64,
    /// Letters with the same error that wait, this one counted.
    alike: u64,
    /// The newest task of the same agent and kind that succeeded.
    last_good: Option<String>,
    /// By whom and why it was dismissed.
    closed: Option<Closed>,
}

impl From<DeadLetterDetail> for WholeDeadLetter {
    fn from(letter: DeadLetterDetail) -> Self {
        Self {
            letter: letter.letter.into(),
            subject: letter.subject,
            payload: letter.payload.into(),
            headers: headers(letter.headers),
            attempt_log: each(letter.attempts),
            blocked: letter.blocked_count,
            alike: letter.alike,
            last_good: letter.last_good.map(|good| good.row.id),
            closed: letter.closed.map(Into::into),
        }
    }
}

/// What a replay would do.
#[derive(Serialize, ToSchema)]
pub struct ReplayPlan {
    /// Letters that would be done again: say this number as `expected`.
    count: u64,
    by_agent: Vec<AgentShare>,
    /// Until the last of them is on the bus.
    seconds: u64,
    #[schema(format = DateTime)]
    oldest: Option<String>,
    #[schema(format = DateTime)]
    newest: Option<String>,
    /// Agents among them whose queue is not handed out now.
    held_agents: Vec<String>,
}

/// An agent's part of a replay.
#[derive(Serialize, ToSchema)]
pub struct AgentShare {
    agent: String,
    count: u64,
}

impl From<ReplayPreview> for ReplayPlan {
    fn from(preview: ReplayPreview) -> Self {
        let share = |(agent, count)| AgentShare { agent, count };
        Self {
            count: preview.count,
            by_agent: preview.by_agent.into_iter().map(share).collect(),
            seconds: preview.seconds,
            oldest: moment(preview.oldest),
            newest: moment(preview.newest),
            held_agents: preview.held_agents,
        }
    }
}
