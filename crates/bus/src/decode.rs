//! From a message to a fact: pure.

use crate::sender::{Sender, Senders, value};
use countersign_domain::{
    Millis, QuarantineId, TaskId, TenantId,
    bus_fact::{EventReceived, Fact, FactBody, Headers, Position, Quarantined, SignalKind, TaskReceived, TaskSignal},
};
use countersign_service::visible_line;
use countersign_wire::{
    event_id, header,
    message::{self, Payload},
    signal::{self, SignalError},
    stream, subject,
};
use data_encoding::BASE64;

/// A message as it came.
#[derive(Debug, Clone)]
pub(crate) struct Raw<'a> {
    pub tenant: TenantId,
    pub position: Position,
    /// When the `TASKS` stream was created: signals count in it.
    pub tasks_epoch: i64,
    pub at: Millis,
    pub subject: &'a str,
    pub headers: Headers,
    pub payload: &'a [u8],
    pub senders: &'a Senders,
}

/// What the message means. Everything means something, if only that it could not be understood;
/// `None` is for signals about consumers that are no agent's.
pub(crate) fn fact(raw: &Raw<'_>) -> Option<Fact> {
    if raw.subject == subject::JOURNAL_HEAD {
        // Our own witness of the journal: to journal it would never end.
        return None;
    }
    let body = match raw.position.stream.as_str() {
        stream::TASKS => task(raw),
        stream::EVENTS => event(raw),
        // Of a stream of tasks that is gone.
        stream::SIGNALS if raw.at.0 < raw.tasks_epoch => return None,
        stream::SIGNALS => match signal::parse(raw.payload) {
            Ok(signal) => Ok(FactBody::TaskSignalled(TaskSignal {
                tasks_epoch: raw.tasks_epoch,
                sequence: signal.sequence,
                agent: signal.agent,
                attempt: signal.attempt,
                kind: signal.kind,
                at: raw.at,
                worked_ms: signal.worked_ms,
                reason: signal.reason,
                event: None,
            })),
            Err(SignalError::NotAnAgents) => return None,
            Err(error) => Err(error.to_string()),
        },
        other => Err(format!("Countersign does not read the stream {other}.")),
    };
    Some(received(raw, body.unwrap_or_else(|reason| quarantined(raw, reason))))
}

/// The message as one that could not be understood.
pub(crate) fn refuse(raw: &Raw<'_>, reason: String) -> Fact {
    received(raw, quarantined(raw, reason))
}

fn received(raw: &Raw<'_>, body: FactBody) -> Fact {
    let event_id = event_id::of(&raw.position, raw.subject, &raw.headers, raw.payload);
    Fact { position: raw.position.clone(), at: raw.at, event_id, body }
}

fn header_value(headers: &Headers, name: &str) -> Option<String> {
    Some(visible_line(&value(headers, name)?.chars().take(200).collect::<String>()))
}

fn task(raw: &Raw<'_>) -> Result<FactBody, String> {
    let (agent, kind) = subject::parse_task(raw.subject).map_err(|e| e.to_string())?;
    let payload = message::parse(raw.payload).map_err(|e| e.to_string())?;
    let mut task = TaskId::of_message(raw.tenant, raw.position.epoch, raw.position.sequence, raw.at.0);
    let (mut claimed_sender, mut issue) = (header_value(&raw.headers, header::SENDER), None);
    let proven = raw.senders.prove(raw.subject, &raw.headers, raw.payload);
    let sender_verified = proven.is_some();
    match proven {
        Some(Sender::Own(known, message)) => {
            (task, issue, claimed_sender) = (known, Some(message), Some(OWN.to_owned()));
        }
        Some(Sender::Agent(agent)) => claimed_sender = Some(agent.to_string()),
        None => {}
    }
    Ok(FactBody::TaskReceived(TaskReceived {
        task,
        agent,
        kind,
        correlation_id: payload.correlation_id(&raw.headers).as_deref().map(visible_line),
        title: payload.title(),
        message_id: header_value(&raw.headers, header::MESSAGE_ID),
        claimed_sender,
        sender_verified,
        issue,
        unknown_agent: false,
        payload: payload.text,
        headers: raw.headers.clone(),
    }))
}

/// The sender of what the server itself puts on the bus.
const OWN: &str = "countersign";

fn event(raw: &Raw<'_>) -> Result<FactBody, String> {
    let (agent, topic) = subject::parse_event(raw.subject).map_err(|e| e.to_string())?;
    let payload = message::parse(raw.payload).map_err(|e| e.to_string())?;
    let task_sequence = payload.count_field("stream_seq");
    let event = EventReceived {
        agent: agent.to_owned(),
        topic: topic.to_owned(),
        correlation_id: payload.correlation_id(&raw.headers).as_deref().map(visible_line),
        micro_usd: (topic == "usage.reported").then(|| payload.micro_usd()).flatten(),
        tasks_epoch: task_sequence.map(|_| raw.tasks_epoch),
        task_sequence,
        payload: payload.text.clone(),
    };
    Ok(match attempt_signal(raw, &payload, &event, task_sequence) {
        Some(signal) => FactBody::TaskSignalled(signal),
        None => FactBody::EventReceived(event),
    })
}

/// Of an attempt beyond this an event says nothing: it is then an event as any other.
const MOST_ATTEMPTS: u64 = 1_000;

/// `task.started` and `task.failed` speak of an attempt if they name it: `stream_seq` and `attempt`, as
/// every client finds them in the message's metadata.
fn attempt_signal(
    raw: &Raw<'_>,
    payload: &Payload,
    event: &EventReceived,
    sequence: Option<u64>,
) -> Option<TaskSignal> {
    let kind = match event.topic.as_str() {
        "task.started" => SignalKind::Started,
        "task.failed" => SignalKind::Complained,
        _ => return None,
    };
    let attempt = payload.count_field("attempt").filter(|n| (1..=MOST_ATTEMPTS).contains(n))?;
    Some(TaskSignal {
        tasks_epoch: raw.tasks_epoch,
        sequence: sequence?,
        agent: event.agent.parse().ok()?,
        attempt: u32::try_from(attempt).ok()?,
        kind,
        at: raw.at,
        worked_ms: None,
        reason: ["reason", "error"].into_iter().find_map(|name| payload.text_field(name)),
        event: Some(Box::new(event.clone())),
    })
}

fn quarantined(raw: &Raw<'_>, reason: String) -> FactBody {
    let Position { stream, epoch, sequence } = &raw.position;
    FactBody::Quarantined(Quarantined {
        id: QuarantineId::of_message(raw.tenant, stream, *epoch, *sequence, raw.at.0),
        // U+0000 cannot be stored as text.
        subject: raw.subject.replace('\0', "\\u{0}"),
        headers: raw.headers.clone(),
        payload_base64: BASE64.encode(raw.payload),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn raw<'a>(stream: &str, subject: &'a str, payload: &'a [u8]) -> Raw<'a> {
        static NOBODY: std::sync::LazyLock<Senders> = std::sync::LazyLock::new(Senders::default);
        Raw {
            senders: &NOBODY,
            tenant: TenantId(Uuid::from_u128(1)),
            position: Position { stream: stream.into(), epoch: 1, sequence: 9 },
            tasks_epoch: 1,
            at: Millis(1_700_000_000_000),
            subject,
            headers: vec![],
            payload,
        }
    }

    fn reason(stream: &str, subject: &str, payload: &[u8]) -> String {
        match fact(&raw(stream, subject, payload)).unwrap().body {
            FactBody::Quarantined(message) => message.reason,
            other => panic!("understood as {other:?}"),
        }
    }

    #[test]
    fn a_task_without_a_trace_is_a_task() {
        let FactBody::TaskReceived(task) = fact(&raw("TASKS", "tasks.cso.scan", b"{\"x\":1}")).unwrap().body else {
            panic!("not a task");
        };
        assert_eq!((task.agent.as_str(), task.kind.as_str(), task.correlation_id), ("cso", "scan", None));
    }

    #[test]
    fn what_cannot_be_understood_is_kept_with_the_reason() {
        assert!(reason("TASKS", "tasks.cso.scan", b"{").contains("not JSON"));
        assert!(reason("TASKS", "tasks.cso.scan", &[0xff, 0xfe]).contains("not text"));
        assert!(reason("TASKS", "tasks.cso.a.b.c", b"{}").contains("5 parts"));
        assert!(reason("TASKS", "tasks.founder.scan", b"{}").contains("reserved"));
        assert!(reason("EVENTS", "events.cso.x", b"").contains("empty"));
    }

    #[test]
    fn a_failed_event_names_the_attempt_and_its_reason() {
        let payload = br#"{"stream_seq":4,"attempt":2,"reason":"scanner crashed"}"#;
        let FactBody::TaskSignalled(signal) = fact(&raw("EVENTS", "events.cso.task.failed", payload)).unwrap().body
        else {
            panic!("not a signal");
        };
        assert_eq!((signal.sequence, signal.attempt, signal.kind), (4, 2, SignalKind::Complained));
        assert_eq!(signal.reason.as_deref(), Some("scanner crashed"));
        assert_eq!(signal.event.unwrap().topic, "task.failed");
    }

    #[test]
    fn an_event_about_an_attempt_that_cannot_be_is_no_signal() {
        for attempt in ["0", "1001", "1000000"] {
            let payload = format!(r#"{{"stream_seq":4,"attempt":{attempt}}}"#);
            let body = fact(&raw("EVENTS", "events.cso.task.started", payload.as_bytes())).unwrap().body;
            assert!(matches!(body, FactBody::EventReceived(_)), "{attempt}: {body:?}");
        }
    }

    #[test]
    fn cost_is_read_from_usage_reports_alone() {
        let body = |topic: &str| match fact(&raw("EVENTS", topic, br#"{"usd":0.5}"#)).unwrap().body {
            FactBody::EventReceived(event) => event.micro_usd,
            other => panic!("{other:?}"),
        };
        assert_eq!(body("events.cso.usage.reported"), Some(500_000));
        assert_eq!(body("events.cso.note"), None);
    }
}
