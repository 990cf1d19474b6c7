//! The streams and consumers that every tenant's account has, as plain values; `bus` turns them into
//! requests and keeps the server's in step.

use countersign_domain::AgentName;
use std::time::Duration;

/// What happens to messages that have been read, or are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Until every consumer that wants it has acknowledged it; a full stream refuses the publisher.
    UntilAcked,
    /// For a time; the oldest give way.
    OldestGiveWay,
    /// For a time; a full stream refuses the publisher.
    RefuseWhenFull,
}

/// The wanted form of a stream. Zero means no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamSpec {
    pub name: &'static str,
    pub subjects: &'static [&'static str],
    pub keep: Keep,
    pub max_messages: i64,
    pub max_bytes: i64,
    pub max_message_bytes: i32,
    pub max_age: Duration,
    /// How long the bus itself remembers a `Nats-Msg-Id`.
    pub duplicate_window: Duration,
}

pub const TASKS: &str = "TASKS";
pub const EVENTS: &str = "EVENTS";
pub const DLQ: &str = "DLQ";
pub const SIGNALS: &str = "SIGNALS";

const KIB: i32 = 1024;
const MIB: i64 = 1024 * 1024;
const DAY: Duration = Duration::from_secs(86_400);

/// The most bytes that a task's or event's payload and headers may have.
pub const MAX_MESSAGE_BYTES: i32 = 256 * KIB;

/// All streams of a tenant, in the order in which they are made: `SIGNALS` and the bridge's readers
/// exist before the first task can.
pub const STREAMS: [StreamSpec; 4] = [
    StreamSpec {
        name: SIGNALS,
        subjects: &[
            "$JS.EVENT.METRIC.CONSUMER.ACK.TASKS.>",
            "$JS.EVENT.ADVISORY.CONSUMER.MSG_NAKED.TASKS.>",
            "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.TASKS.>",
            "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.TASKS.>",
        ],
        keep: Keep::OldestGiveWay,
        max_messages: 0,
        max_bytes: 256 * MIB,
        max_message_bytes: 0,
        max_age: Duration::from_secs(7 * 86_400),
        duplicate_window: Duration::from_secs(120),
    },
    StreamSpec {
        name: TASKS,
        subjects: &["tasks.>"],
        keep: Keep::UntilAcked,
        max_messages: 10_000,
        max_bytes: 64 * MIB,
        max_message_bytes: MAX_MESSAGE_BYTES,
        max_age: Duration::ZERO,
        duplicate_window: Duration::from_secs(7200),
    },
    StreamSpec {
        name: EVENTS,
        subjects: &["events.>"],
        keep: Keep::OldestGiveWay,
        max_messages: 0,
        max_bytes: 256 * MIB,
        max_message_bytes: MAX_MESSAGE_BYTES,
        max_age: Duration::from_secs(30 * DAY.as_secs()),
        duplicate_window: Duration::from_secs(120),
    },
    StreamSpec {
        name: DLQ,
        subjects: &["dlq.>"],
        keep: Keep::RefuseWhenFull,
        max_messages: 0,
        max_bytes: 256 * MIB,
        max_message_bytes: 0,
        max_age: Duration::from_secs(90 * DAY.as_secs()),
        duplicate_window: Duration::from_secs(120),
    },
];

/// The bridge's durable reader of a stream.
pub const BRIDGE: &str = "bridge";

/// How an agent's tasks are handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskConsumerSpec {
    pub ack_wait: Duration,
    pub max_deliver: i64,
    pub max_ack_pending: i64,
}

impl Default for TaskConsumerSpec {
    fn default() -> Self {
        Self { ack_wait: Duration::from_secs(120), max_deliver: 5, max_ack_pending: 3 }
    }
}

/// The durable consumer of an agent: `<agent>-agent`.
pub fn consumer_of(agent: &AgentName) -> String {
    format!("{agent}-agent")
}

/// The agent whose consumer has this name.
pub fn agent_of_consumer(consumer: &str) -> Option<AgentName> {
    consumer.strip_suffix("-agent")?.parse().ok()
}
