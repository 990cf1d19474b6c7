//! Agents, their connections and their credentials.

use super::{BusHealth, Closed, Connect, FleetStop, ReviewRow, RolePowers, TaskRow};
use crate::{Millis, breaker::BreakerState};
use serde::{Deserialize, Serialize};

/// The fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct Fleet {
    pub agents: Vec<AgentRow>,
    /// That of all agents together.
    pub uptime: Option<Uptime>,
    pub connect: Connect,
    /// Whether the figures of the bus (queue, in flight, connection) are current.
    pub bus: BusHealth,
    /// While all agents are stopped in an emergency.
    pub stopped: Option<FleetStop>,
}

/// How much of the time that somebody looked, the bus had an agent connected. Time in which nobody looked
/// is in neither figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uptime {
    /// Milliseconds; for several agents, the sum of theirs.
    pub connected_ms: i64,
    pub observed_ms: i64,
}

impl Uptime {
    /// Between two looks at the bus that are farther apart, nobody looked. Milliseconds.
    pub const UNKNOWN_AFTER_MS: i64 = 15_000;

    /// `None` where nothing was observed yet.
    pub fn new(connected_ms: i64, observed_ms: i64) -> Option<Self> {
        (observed_ms > 0).then_some(Self { connected_ms, observed_ms })
    }

    /// The connected share, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more than 53 bits")]
    pub fn share(self) -> f64 {
        (self.connected_ms as f64 / self.observed_ms.max(1) as f64).clamp(0.0, 1.0)
    }
}

/// One agent of the fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentRow {
    pub name: String,
    pub created_at: Millis,
    pub delegates_to: Vec<String>,
    pub connection: Connection,
    pub last_heartbeat: Option<Millis>,
    /// Tasks in its queue, not yet handed out.
    pub queue_depth: u64,
    /// Tasks handed out and unanswered.
    pub in_flight: u64,
    /// Since its first connection.
    pub uptime: Option<Uptime>,
    pub tasks_today: u64,
    /// Reported since UTC midnight, by events or with the results of tasks that ended since.
    pub usd_today: Option<f64>,
    pub credential: CredentialState,
    /// Set while a founder has paused it.
    pub paused: Option<Closed>,
    pub breaker: BreakerView,
    /// Tasks made here that are not on the bus yet.
    pub scheduled: u64,
    /// How far the clock of its messages is from the server's, where a heartbeat says; milliseconds.
    pub clock_skew_ms: Option<i64>,
}

/// The circuit breaker of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerView {
    pub state: BreakerState,
    pub since: Option<Millis>,
    /// When an open one lets a task through.
    pub until: Option<Millis>,
    pub cause: Option<String>,
}

/// Whether an agent is on the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "since", rename_all = "snake_case")]
pub enum Connection {
    Never,
    Connected(Millis),
    Lost(Millis),
}

/// Whether an agent may connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum CredentialState {
    None,
    Live { id: String, public_key: String, expires_at: Millis },
    Expired { expired_at: Millis },
    Revoked { revoked_at: Millis },
}

/// One agent and its credentials and latest work.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentDetail {
    pub row: AgentRow,
    /// For comparison, that of all agents together.
    pub fleet_uptime: Option<Uptime>,
    /// Newest first.
    pub credentials: Vec<CredentialRow>,
    /// Its newest tasks, at most 10.
    pub recent: Vec<TaskRow>,
    pub connect: Connect,
    pub bus: BusHealth,
    /// The review whose file it may run, and the one that waits.
    pub approved: Option<ReviewRow>,
    pub waiting: Option<ReviewRow>,
    /// What the approved file allows; of the one that waits where none is approved.
    pub powers: RolePowers,
    /// Since when it is stopped in an emergency.
    pub stopped: Option<FleetStop>,
}

/// One credential, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRow {
    pub id: String,
    pub public_key: String,
    pub issued_at: Millis,
    pub expires_at: Millis,
    pub revoked_at: Option<Millis>,
    pub issued_by: String,
}

/// What a credential lets a person download, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedCredential {
    pub agent: String,
    pub file_name: String,
    /// The credentials file: a JWT and a seed. Shown once, never stored.
    pub creds: String,
    pub expires_at: Millis,
}
