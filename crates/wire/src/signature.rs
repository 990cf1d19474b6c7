//! What the sender of a message signs.

use countersign_domain::{TaskId, bus_fact::Issue};
use sha2::{Digest, Sha256};

/// The bytes that are signed with the sender's nkey: subject, message id, SHA-256 of the payload and, for a
/// message that the server itself put on the bus, which message of which task it is. Each part is preceded
/// by its length, so that no part can pass for another.
pub fn material(subject: &str, message_id: &str, payload: &[u8], task: Option<(TaskId, Issue)>) -> Vec<u8> {
    let digest = Sha256::digest(payload);
    let issue = task.map(|(id, issue)| format!("{id} {} {}", issue.number, issue.base)).unwrap_or_default();
    let mut bytes = b"countersign message 1".to_vec();
    for part in [subject.as_bytes(), message_id.as_bytes(), &digest, issue.as_bytes()] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// The bytes that an agent signs to get into the Workspace API. A bus has the same key sign a text of its own
/// choice at each connection; a text is UTF-8 and this is not, so that a false bus cannot get it signed.
pub fn challenge_material(challenge: &[u8]) -> Vec<u8> {
    [b"countersign agent token 1\xff".as_slice(), challenge].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answers_a_challenge_is_no_text() {
        assert!(std::str::from_utf8(&challenge_material(b"any")).is_err());
    }

    #[test]
    fn another_subject_id_payload_or_task_is_another_text_to_sign() {
        let task =
            Some((TaskId("0190163d-8694-739b-aea5-966c26f8ad90".parse().unwrap()), Issue { number: 1, base: 0 }));
        let texts = [
            material("tasks.cso.scan", "a", b"{}", None),
            material("tasks.cto.scan", "a", b"{}", None),
            material("tasks.cso.scan", "b", b"{}", None),
            material("tasks.cso.scan", "a", b"{ }", None),
            material("tasks.cso.scan", "a", b"{}", task),
            material("tasks.cso.scana", "", b"{}", None),
        ];
        for (index, text) in texts.iter().enumerate() {
            assert!(!texts[index + 1..].contains(text), "{index}");
        }
    }
}
