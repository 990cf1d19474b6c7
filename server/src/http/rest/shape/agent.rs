use super::{Closed, each, moment};
use countersign_domain::reading::{AgentDetail, AgentRow, BreakerView, Connection, CredentialRow, Uptime};
use serde::Serialize;
use utoipa::ToSchema;

/// One agent of the fleet.
#[derive(Serialize, ToSchema)]
pub struct Agent {
    name: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// Agents that it may give tasks to, beside itself.
    delegates_to: Vec<String>,
    connected: bool,
    /// Since when it is connected, or lost; null where it never was.
    #[schema(format = DateTime)]
    connected_since: Option<String>,
    #[schema(format = DateTime)]
    lost_since: Option<String>,
    #[schema(format = DateTime)]
    last_heartbeat: Option<String>,
    /// Tasks made here that are not on the bus yet.
    scheduled: u64,
    /// Tasks in its queue, not yet handed out.
    queue_depth: u64,
    /// Tasks handed out and unanswered.
    in_flight: u64,
    tasks_today: u64,
    usd_today: Option<f64>,
    /// The share of the observed time that it was connected, 0 to 1.
    uptime: Option<f64>,
    /// Set while a founder has paused it.
    paused: Option<Closed>,
    breaker: Breaker,
}

/// The circuit breaker of an agent.
#[derive(Serialize, ToSchema)]
pub struct Breaker {
    /// `closed`, `open` or `half_open`.
    state: &'static str,
    #[schema(format = DateTime)]
    since: Option<String>,
    /// When an open one lets a task through.
    #[schema(format = DateTime)]
    until: Option<String>,
    cause: Option<String>,
}

impl From<BreakerView> for Breaker {
    fn from(breaker: BreakerView) -> Self {
        Self {
            state: breaker.state.as_str(),
            since: moment(breaker.since),
            until: moment(breaker.until),
            cause: breaker.cause,
        }
    }
}

impl From<AgentRow> for Agent {
    fn from(row: AgentRow) -> Self {
        let (connected_since, lost_since) = match row.connection {
            Connection::Never => (None, None),
            Connection::Connected(since) => (Some(since), None),
            Connection::Lost(since) => (None, Some(since)),
        };
        Self {
            name: row.name,
            created_at: row.created_at.to_rfc3339(),
            delegates_to: row.delegates_to,
            connected: connected_since.is_some(),
            connected_since: moment(connected_since),
            lost_since: moment(lost_since),
            last_heartbeat: moment(row.last_heartbeat),
            scheduled: row.scheduled,
            queue_depth: row.queue_depth,
            in_flight: row.in_flight,
            tasks_today: row.tasks_today,
            usd_today: row.usd_today,
            uptime: row.uptime.map(Uptime::share),
            paused: row.paused.map(Into::into),
            breaker: row.breaker.into(),
        }
    }
}

/// The fleet, in order of name.
#[derive(Serialize, ToSchema)]
pub struct AgentList {
    pub agents: Vec<Agent>,
}

/// An agent with its credentials.
#[derive(Serialize, ToSchema)]
pub struct WholeAgent {
    #[serde(flatten)]
    agent: Agent,
    /// Newest first.
    credentials: Vec<Credential>,
    /// SHA-256 of the role file that it may run with; `null` where none is approved.
    approved_role: Option<String>,
    /// SHA-256 of the role file that waits for a review.
    waiting_role: Option<String>,
    /// What the approved role file allows, as subjects of the bus; of the waiting one where none is approved.
    may_publish: Vec<String>,
    /// What of it is forbidden again.
    may_not_publish: Vec<String>,
    may_subscribe: Vec<String>,
}

/// A bus identity of an agent, as far as it may be shown.
#[derive(Serialize, ToSchema)]
pub struct Credential {
    #[schema(format = "uuid")]
    id: String,
    public_key: String,
    issued_by: String,
    #[schema(format = DateTime)]
    issued_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

impl From<CredentialRow> for Credential {
    fn from(row: CredentialRow) -> Self {
        Self {
            id: row.id,
            public_key: row.public_key,
            issued_by: row.issued_by,
            issued_at: row.issued_at.to_rfc3339(),
            expires_at: row.expires_at.to_rfc3339(),
            revoked_at: moment(row.revoked_at),
        }
    }
}

impl From<AgentDetail> for WholeAgent {
    fn from(agent: AgentDetail) -> Self {
        Self {
            agent: agent.row.into(),
            credentials: each(agent.credentials),
            approved_role: agent.approved.map(|review| review.sha256),
            waiting_role: agent.waiting.map(|review| review.sha256),
            may_publish: agent.powers.publish,
            may_not_publish: agent.powers.publish_denied,
            may_subscribe: agent.powers.subscribe,
        }
    }
}
