//! What makes two messages the same one.

use countersign_domain::bus_fact::{Headers, Position};

/// The bytes whose SHA-256 names a message. With a `Nats-Msg-Id`: that id, the subject and the payload,
/// so that a publisher who retries is counted once, and one who reuses an id for other content loses
/// nothing. Without: its position.
pub fn material(position: &Position, subject: &str, headers: &Headers, payload: &[u8]) -> Vec<u8> {
    let id = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(crate::header::MESSAGE_ID));
    let mut bytes = Vec::with_capacity(payload.len() + subject.len() + 64);
    match id {
        Some((_, id)) => {
            for part in [id.as_bytes(), subject.as_bytes(), payload] {
                bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
                bytes.extend_from_slice(part);
            }
        }
        None => {
            bytes.extend_from_slice(position.stream.as_bytes());
            bytes.extend_from_slice(&position.epoch.to_be_bytes());
            bytes.extend_from_slice(&position.sequence.to_be_bytes());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sequence: u64) -> Position {
        Position { stream: "TASKS".into(), epoch: 1, sequence }
    }

    #[test]
    fn a_retried_publish_is_the_same_message_and_a_reused_id_is_not() {
        let id = vec![("nats-msg-id".to_owned(), "a".to_owned())];
        let first = material(&at(1), "tasks.cso.scan", &id, b"{}");
        assert_eq!(first, material(&at(2), "tasks.cso.scan", &id, b"{}"));
        assert_ne!(first, material(&at(2), "tasks.cso.scan", &id, b"{\"b\":1}"));
    }

    #[test]
    fn without_an_id_every_message_is_another() {
        assert_ne!(material(&at(1), "s", &vec![], b"{}"), material(&at(2), "s", &vec![], b"{}"));
    }
}
