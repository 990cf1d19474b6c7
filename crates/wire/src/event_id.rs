//! What makes two messages the same one.

use countersign_domain::bus_fact::{Headers, Position};
use sha2::{Digest, Sha256};

/// The name of a message. With a `Nats-Msg-Id`: the SHA-256 of that id, the subject and the payload, so that a
/// publisher who retries is counted once, and one who reuses an id for other content loses nothing. Without: its
/// position.
///
/// Names of positions follow each other as the messages do (24 bytes for the stream, 8 for the sequence), since where
/// names are kept in order, a place for one that is scattered costs twice as much.
pub fn of(position: &Position, subject: &str, headers: &Headers, payload: &[u8]) -> [u8; 32] {
    let id = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(crate::header::MESSAGE_ID));
    if let Some((_, id)) = id {
        let mut hash = Sha256::new();
        for part in [id.as_bytes(), subject.as_bytes(), payload] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        return hash.finalize().into();
    }
    let stream = Sha256::new().chain_update(position.stream.as_bytes()).chain_update(position.epoch.to_be_bytes());
    let mut name: [u8; 32] = stream.finalize().into();
    name[24..].copy_from_slice(&position.sequence.to_be_bytes());
    name
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
        let first = of(&at(1), "tasks.cso.scan", &id, b"{}");
        assert_eq!(first, of(&at(2), "tasks.cso.scan", &id, b"{}"));
        assert_ne!(first, of(&at(2), "tasks.cso.scan", &id, b"{\"b\":1}"));
    }

    #[test]
    fn without_an_id_every_message_is_another_and_follows_the_one_before() {
        let name = |position: &Position| of(position, "s", &vec![], b"{}");
        let names: Vec<[u8; 32]> = (1..=1_000).map(|sequence| name(&at(sequence))).collect();
        assert!(names.is_sorted_by(|a, b| a < b));
        let made_again = Position { epoch: 2, ..at(1) };
        let elsewhere = Position { stream: "SIGNALS".into(), ..at(1) };
        assert!(!names.contains(&name(&made_again)) && !names.contains(&name(&elsewhere)));
    }
}
