//! Subjects that only role files speak of, beside those of [`countersign_wire::subject`]: what a role denies,
//! and what a probe must not reach.

use countersign_domain::AgentName;
use countersign_wire::stream;

/// `tasks.*.<kind>`: tasks of a kind, for any agent.
pub(crate) fn tasks_of_kind(kind: &str) -> String {
    format!("tasks.*.{kind}")
}

/// Everything that changes or reads the stores of the bus: streams, consumers, messages.
pub(crate) fn admin() -> Vec<String> {
    let mut subjects = vec![
        "$JS.API.STREAM.LIST".to_owned(),
        "$JS.API.STREAM.CREATE.PROBE".to_owned(),
        "$JS.API.ACCOUNT.PURGE.PROBE".to_owned(),
        "$JS.API.META.LEADER.STEPDOWN".to_owned(),
    ];
    for stream in [stream::TASKS, stream::EVENTS, stream::DLQ, stream::SIGNALS] {
        for verb in
            ["INFO", "UPDATE", "DELETE", "PURGE", "SNAPSHOT", "RESTORE", "LEADER.STEPDOWN", "MSG.GET", "MSG.DELETE"]
        {
            subjects.push(format!("$JS.API.STREAM.{verb}.{stream}"));
        }
        // Reads a message without a consumer.
        subjects.push(format!("$JS.API.DIRECT.GET.{stream}"));
        subjects.push(format!("$JS.API.CONSUMER.LIST.{stream}"));
        subjects.push(format!("$JS.API.CONSUMER.NAMES.{stream}"));
        subjects.push(format!("$JS.API.CONSUMER.CREATE.{stream}"));
        subjects.push(format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.probe"));
        // The bridge's readers: who stops them hides what happens.
        for verb in ["INFO", "DELETE", "PAUSE", "RESET", "UNPIN", "LEADER.STEPDOWN", "MSG.NEXT"] {
            subjects.push(format!("$JS.API.CONSUMER.{verb}.{stream}.{}", stream::BRIDGE));
        }
        subjects.push(format!("$JS.ACK.{stream}.{}.0.0.0.0.0", stream::BRIDGE));
    }
    subjects
}

/// What changes a consumer, or hands out what it keeps, by the names that NATS gives it.
pub(crate) fn consumer_changes(consumer: &str) -> Vec<String> {
    let tasks = stream::TASKS;
    let mut subjects = vec![format!("$JS.API.CONSUMER.DURABLE.CREATE.{tasks}.{consumer}")];
    subjects.push(format!("$JS.API.CONSUMER.CREATE.{tasks}.{consumer}"));
    subjects.push(format!("$JS.API.CONSUMER.CREATE.{tasks}.{consumer}.tasks.probe.probe"));
    for verb in ["DELETE", "PAUSE", "RESET", "UNPIN", "LEADER.STEPDOWN"] {
        subjects.push(format!("$JS.API.CONSUMER.{verb}.{tasks}.{consumer}"));
    }
    subjects
}

/// Asks for the next task of a consumer.
pub(crate) fn next_task(consumer: &str) -> String {
    format!("$JS.API.CONSUMER.MSG.NEXT.{}.{consumer}", stream::TASKS)
}

/// Asks for the state of a consumer.
pub(crate) fn consumer_info(consumer: &str) -> String {
    format!("$JS.API.CONSUMER.INFO.{}.{consumer}", stream::TASKS)
}

/// An acknowledgement of nothing (no message has the number 0), in both of its shapes: nine tokens, and eleven
/// and more with domain and account in front and a random token behind.
pub(crate) fn empty_acks(consumer: &str) -> [String; 2] {
    let tasks = stream::TASKS;
    [format!("$JS.ACK.{tasks}.{consumer}.0.0.0.0.0"), format!("$JS.ACK._.probe.{tasks}.{consumer}.0.0.0.0.0.probe")]
}

/// What a client asks before its first pull.
pub(crate) const ACCOUNT_INFO: &str = "$JS.API.INFO";
/// Which stream keeps a subject.
pub(crate) const STREAM_NAMES: &str = "$JS.API.STREAM.NAMES";

/// The system account's subjects, and those of the server about itself.
pub(crate) const SYSTEM: [&str; 8] = [
    "$SYS.REQ.CLAIMS.UPDATE",
    "$SYS.REQ.CLAIMS.DELETE",
    "$SYS.REQ.CLAIMS.LIST",
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.SERVER.PING.CONNZ",
    "$SYS.REQ.ACCOUNT.PING.CONNZ",
    "$SYS.REQ.USER.INFO",
    "$SYS.DEBUG.SUBSCRIBERS",
];

/// Subscriptions that would hear what is another's.
pub(crate) const WIDE_SUBSCRIPTIONS: [&str; 14] = [
    ">",
    "*",
    "tasks.>",
    "tasks.*.*",
    "events.>",
    "events.*.>",
    "dlq.>",
    "_INBOX.>",
    "*.>",
    "$JS.>",
    "$JS.API.>",
    "$JS.ACK.>",
    "$JS.EVENT.>",
    "$SYS.>",
];

/// `dlq.<agent>.<kind>` of any names.
pub(crate) fn letters_of(agent: &AgentName) -> String {
    format!("dlq.{agent}.probe")
}

/// What the server itself broadcasts.
pub(crate) fn own_events() -> [String; 3] {
    [
        countersign_wire::subject::JOURNAL_HEAD.to_owned(),
        "events.countersign.decision.made".to_owned(),
        "events.countersign.review.approved".to_owned(),
    ]
}
