//! Reading what the bus itself says about tasks: acknowledgement metrics and advisories
//! (`io.nats.jetstream.metric.v1.consumer_ack` and `io.nats.jetstream.advisory.v1.*`).

use crate::stream;
use countersign_domain::{AgentName, bus_fact::SignalKind};
use serde::Deserialize;

/// Why a signal could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    #[error("A signal of the bus is not in a known form: {0}.")]
    Form(String),
    #[error("A signal of the bus has the unknown type “{0}”.")]
    Type(String),
    /// A consumer that is no agent's, such as the bridge's own: nothing to learn.
    #[error("not of an agent")]
    NotAnAgents,
}

/// What a signal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    pub agent: AgentName,
    /// The sequence of the task's message in `TASKS`.
    pub sequence: u64,
    pub attempt: u32,
    pub kind: SignalKind,
    /// How long the worker had it, for acknowledgements. Milliseconds.
    pub worked_ms: Option<i64>,
    pub reason: Option<String>,
}

/// The bus's own words for it.
const DELETED: &str = "Unacknowledged message was deleted";
/// Ours, for people.
const TAKEN: &str = "Its message was taken from the queue before it was answered.";

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type")]
    kind: String,
    consumer: String,
    stream_seq: u64,
    #[serde(default)]
    deliveries: u64,
    /// Nanoseconds.
    ack_time: Option<i64>,
    reason: Option<String>,
}

/// Reads one message of `SIGNALS`.
pub fn parse(payload: &[u8]) -> Result<Signal, SignalError> {
    let raw: Raw = serde_json::from_slice(payload).map_err(|e| SignalError::Form(e.to_string()))?;
    let agent = stream::agent_of_consumer(&raw.consumer).ok_or(SignalError::NotAnAgents)?;
    let kind = match raw.kind.rsplit('.').next().unwrap_or_default() {
        "consumer_ack" => SignalKind::Acked,
        "nak" => SignalKind::Naked,
        // The bus tells of a message that was deleted as if its worker had ended it (nats-server 2.15.1).
        "terminated" if raw.reason.as_deref() == Some(DELETED) => SignalKind::Deleted,
        "terminated" => SignalKind::Terminated,
        "max_deliver" => SignalKind::Exhausted,
        _ => return Err(SignalError::Type(raw.kind)),
    };
    let reason = if kind == SignalKind::Deleted { Some(TAKEN.to_owned()) } else { raw.reason };
    Ok(Signal {
        agent,
        sequence: raw.stream_seq,
        attempt: u32::try_from(raw.deliveries.clamp(1, 1_000_000)).unwrap_or(1),
        kind,
        worked_ms: raw.ack_time.map(|nanos| (nanos / 1_000_000).max(0)),
        reason: reason.filter(|reason| !reason.is_empty()).map(|reason| reason.chars().take(2000).collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_tells_attempt_and_working_time() {
        let ack = br#"{"type":"io.nats.jetstream.metric.v1.consumer_ack","id":"x","timestamp":"2026-11-22T00:00:00Z",
            "stream":"TASKS","consumer":"cso-agent","consumer_seq":2,"stream_seq":7,"ack_time":1500000000,"deliveries":2}"#;
        let signal = parse(ack).unwrap();
        assert_eq!((signal.sequence, signal.attempt, signal.kind), (7, 2, SignalKind::Acked));
        assert_eq!(signal.worked_ms, Some(1500));
    }

    #[test]
    fn a_deleted_message_is_told_apart_from_one_that_its_worker_ended() {
        let said = |reason: &str| {
            let text = format!(
                r#"{{"type":"io.nats.jetstream.advisory.v1.terminated","consumer":"cso-agent","stream_seq":7,"deliveries":1,"reason":"{reason}"}}"#
            );
            let signal = parse(text.as_bytes()).unwrap();
            (signal.kind, signal.reason.unwrap())
        };
        assert_eq!(said("no rules"), (SignalKind::Terminated, "no rules".to_owned()));
        assert_eq!(said("Unacknowledged message was deleted"), (SignalKind::Deleted, TAKEN.to_owned()));
    }

    #[test]
    fn the_bridges_own_consumer_says_nothing() {
        let own = br#"{"type":"io.nats.jetstream.metric.v1.consumer_ack","consumer":"bridge","stream_seq":7}"#;
        assert_eq!(parse(own), Err(SignalError::NotAnAgents));
        assert!(matches!(parse(b"nonsense"), Err(SignalError::Form(_))));
    }
}
