//! Who sent a message: proven by a signature, or only claimed.

use countersign_domain::{
    AgentName, TaskId,
    bus_fact::{Headers, Issue},
};
use countersign_wire::{header, signature};
use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use std::collections::HashMap;

/// The keys that messages of a tenant may be signed with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Senders {
    /// The server's own.
    own: String,
    agents: HashMap<String, AgentName>,
}

/// A sender that a signature proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sender {
    /// This server, which put the message on the bus for a task of its own.
    Own(TaskId, Issue),
    Agent(AgentName),
}

pub(crate) fn value<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Which message of which task the headers speak of.
fn issue(headers: &Headers) -> Option<(TaskId, Issue)> {
    let number = value(headers, header::ISSUE)?.parse().ok()?;
    let base = value(headers, header::BASE)?.parse().ok()?;
    Some((value(headers, header::TASK)?.parse().ok()?, Issue { number, base }))
}

impl Senders {
    pub fn new(own: String, agents: Vec<(String, AgentName)>) -> Self {
        Self { own, agents: agents.into_iter().collect() }
    }

    /// Whether the message is signed with a key that is not known (yet).
    pub fn lacks_key_of(&self, headers: &Headers) -> bool {
        value(headers, header::KEY).is_some_and(|key| key != self.own && !self.agents.contains_key(key))
    }

    /// The sender, where the signature proves one.
    pub fn prove(&self, subject: &str, headers: &Headers, payload: &[u8]) -> Option<Sender> {
        let key = value(headers, header::KEY)?;
        let signature = BASE64URL_NOPAD.decode(value(headers, header::SIGNATURE)?.as_bytes()).ok()?;
        let issue = issue(headers).filter(|_| key == self.own);
        let id = value(headers, header::MESSAGE_ID).unwrap_or_default();
        let material = signature::material(subject, id, payload, issue);
        KeyPair::from_public_key(key).ok()?.verify(&material, &signature).ok()?;
        match issue {
            Some((task, issue)) => Some(Sender::Own(task, issue)),
            None => self.agents.get(key).cloned().map(Sender::Agent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(key: &KeyPair, subject: &str, payload: &[u8], extra: &[(&str, &str)]) -> Headers {
        let mut headers: Headers =
            vec![(header::MESSAGE_ID.into(), "m".into()), (header::KEY.into(), key.public_key())];
        headers.extend(extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let material = signature::material(subject, "m", payload, issue(&headers));
        headers.push((header::SIGNATURE.into(), BASE64URL_NOPAD.encode(&key.sign(&material).unwrap())));
        headers
    }

    #[test]
    fn a_signature_proves_its_agent_for_that_message_alone() {
        let (own, cso) = (KeyPair::new_account(), KeyPair::new_user());
        let senders = Senders::new(own.public_key(), vec![(cso.public_key(), "cso".parse().unwrap())]);
        let headers = signed(&cso, "tasks.cto.plan", b"{}", &[]);
        assert_eq!(senders.prove("tasks.cto.plan", &headers, b"{}"), Some(Sender::Agent("cso".parse().unwrap())));
        assert_eq!(senders.prove("tasks.cto.plan", &headers, b"{ }"), None);
        assert_eq!(senders.prove("tasks.ceo.plan", &headers, b"{}"), None);
        let stranger = KeyPair::new_user();
        assert!(senders.lacks_key_of(&signed(&stranger, "tasks.cto.plan", b"{}", &[])));
    }

    #[test]
    fn only_the_server_can_say_that_a_message_carries_a_task_it_knows() {
        let (own, cso) = (KeyPair::new_account(), KeyPair::new_user());
        let senders = Senders::new(own.public_key(), vec![(cso.public_key(), "cso".parse().unwrap())]);
        let task = "0190163d-8694-739b-aea5-966c26f8ad90";
        let of = [(header::TASK, task), (header::ISSUE, "2"), (header::BASE, "5")];
        let issue = Issue { number: 2, base: 5 };
        let mine = signed(&own, "tasks.cso.scan", b"{}", &of);
        assert_eq!(senders.prove("tasks.cso.scan", &mine, b"{}"), Some(Sender::Own(task.parse().unwrap(), issue)));
        let forged = signed(&cso, "tasks.cso.scan", b"{}", &of);
        assert_eq!(senders.prove("tasks.cso.scan", &forged, b"{}"), None, "an agent's word about a task is no proof");
    }
}
