//! The first page, and what it links to.

use super::{BusHealth, Connect, PayloadText, TaskRow};
use crate::Millis;
use serde::{Deserialize, Serialize};

/// The page one sees first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Tasks that wait for the founder: dead, failed for good or undeliverable.
    pub waiting: Vec<TaskRow>,
    /// How many wait in all.
    pub waiting_count: u64,
    pub quarantined: u64,
    /// Role files that wait for a founder.
    pub open_reviews: u64,
    /// Briefs that wait for a founder and are not snoozed.
    pub open_briefs: u64,
    /// Agents with a credential that are not connected although they have been.
    pub lost_agents: Vec<String>,
    /// Agents whose breaker is not closed.
    pub open_breakers: Vec<String>,
    /// Agents that a founder paused.
    pub paused_agents: Vec<String>,
    pub outbox: OutboxHealth,
    /// Messages that the bus dropped before they were read, in the last [`Overview::GAP_DAYS`].
    pub lost_unread: u64,
    /// The newest of these gaps, at most [`Overview::GAPS`].
    pub gaps: Vec<GapRow>,
    /// How many gaps there are in these days.
    pub gap_count: u64,
    pub bus: BusHealth,
    /// Since UTC midnight.
    pub tasks_today: u64,
    pub ended_today: u64,
    pub messages_today: u64,
    /// Tasks not ended yet.
    pub open: u64,
    /// Reported by agents since UTC midnight, by events or with the results of tasks that ended since; none
    /// reported is not nought.
    pub usd_today: Option<f64>,
    pub usd_total: Option<f64>,
    /// Tasks created in each of the last 24 hours, oldest first.
    pub by_hour: Vec<HourRow>,
    /// The newest tasks, at most 8.
    pub recent: Vec<TaskRow>,
    pub agents: u64,
    pub agents_connected: u64,
    pub connect: Connect,
}

impl Overview {
    /// Gaps in the record are shown for so many days; the journal keeps them for ever.
    pub const GAP_DAYS: i64 = 7;
    /// More gaps than so many are counted, not listed.
    pub const GAPS: u32 = 3;
}

/// Messages that the bus dropped before they were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapRow {
    /// The number of the journal's entry that tells it.
    pub entry: u64,
    pub stream: String,
    pub messages: u64,
    /// When it was found out.
    pub at: Millis,
}

/// One entry of the journal, as it was written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryDetail {
    pub seq: u64,
    pub at: Millis,
    /// What happened, in the journal's own word.
    pub kind: String,
    /// The text that was hashed, indented.
    pub text: PayloadText,
    /// SHA-256 of the entry and of all entries before it, in hexadecimal.
    pub hash: String,
    /// The number of the newest entry.
    pub newest: u64,
    /// Where it tells of messages that were never read: their stream, the first and the last of them.
    pub gap: Option<(String, u64, u64)>,
}

/// What waits here to be put on the bus.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxHealth {
    /// Messages whose time has come and that are not on the bus.
    pub waiting: u64,
    /// Since when the oldest of them waits.
    pub oldest: Option<Millis>,
    /// What the bus said at the last try, where it refused.
    pub error: Option<String>,
}

/// The tasks of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourRow {
    pub starts_at: Millis,
    pub tasks: u32,
    /// Of these, dead, failed or undeliverable.
    pub bad: u32,
}
