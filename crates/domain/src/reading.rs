//! What the console shows: the answers of the read models, plain enough for the browser. Never a
//! database row, never a secret.

use crate::{
    Millis, Role,
    breaker::BreakerState,
    letter::{LetterCause, LetterState},
    task::{AttemptOutcome, TaskState},
};
use serde::{Deserialize, Serialize};

/// Who is signed in, for the shell of every page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub tenant_name: String,
    pub tenant_slug: String,
}

/// How the bus and its bridge are doing, as known to this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusHealth {
    pub connected: bool,
    /// The sentence to show while something is wrong.
    pub problem: Option<String>,
    /// Version of the nats-server, where known.
    pub version: Option<String>,
    /// A weakness that was waived by configuration.
    pub warning: Option<String>,
}

/// Addresses for the exact commands that an empty console shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connect {
    /// The address of the console, `https://…`, without a slash at the end.
    pub console_url: String,
    /// The address of the bus as agents reach it, `nats://host:port`.
    pub bus_url: String,
}

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

/// The page one sees first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Tasks that wait for the founder: dead, failed for good or undeliverable.
    pub waiting: Vec<TaskRow>,
    /// How many wait in all.
    pub waiting_count: u64,
    pub quarantined: u64,
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

/// The fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fleet {
    pub agents: Vec<AgentRow>,
    /// That of all agents together.
    pub uptime: Option<Uptime>,
    pub connect: Connect,
    /// Whether the figures of the bus (queue, in flight, connection) are current.
    pub bus: BusHealth,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// What its credential really allows, as bus subjects.
    pub may_publish: Vec<String>,
    pub may_subscribe: Vec<String>,
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

/// What a credential lets a person download, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedCredential {
    pub agent: String,
    pub file_name: String,
    /// The credentials file: a JWT and a seed. Shown once, never stored.
    pub creds: String,
    pub expires_at: Millis,
}

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
