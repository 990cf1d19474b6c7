//! What a role allows on the bus.

use crate::{
    forbidden::{Ban, Known},
    pattern::subject_covers,
    role::Role,
    subject,
};
use countersign_wire::{permission, subject as wire};
use serde::Serialize;

/// Subjects and limits of an agent's credential, and how its tasks are handed to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BusPowers {
    pub publish: Subjects,
    pub subscribe: Subjects,
    /// The most bytes of one message, and the most subscriptions at a time.
    pub payload_bytes: u32,
    pub subscriptions: u32,
    pub consumer: Consumer,
}

/// Patterns of subjects, as a NATS credential has them: what is denied is denied though it is allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Subjects {
    pub allow: Vec<String>,
    pub deny: Vec<String>,
}

impl Subjects {
    /// Whether a message may go to the subject, or a subscription stand for the pattern: some allowed pattern
    /// covers all of it, and no denied one does. (Of a subscription that reaches into a denied pattern the
    /// server withholds the messages; no role has such a one.)
    pub fn permit(&self, subject: &str) -> bool {
        let covers = |list: &[String]| list.iter().any(|pattern| subject_covers(pattern, subject));
        covers(&self.allow) && !covers(&self.deny)
    }
}

/// Settings of the agent's durable consumer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consumer {
    pub ack_wait_seconds: u32,
    pub max_deliver: u16,
    pub max_ack_pending: u16,
}

/// An agent needs its inbox and little more.
const SUBSCRIPTIONS: u32 = 64;
/// What one message may weigh on the wire, before its stream's own limit refuses it with a reason.
const PAYLOAD_BYTES: u32 = 1024 * 1024;

/// Topics that the product needs of every agent, whatever its role: whether it lives, what it works on, what
/// it costs, what it made.
pub const EVERY_AGENTS_TOPICS: [&str; 7] = [
    "heartbeat",
    "task.started",
    "task.progress",
    "task.completed",
    "task.failed",
    "usage.reported",
    "artifact.published",
];

pub(super) fn compile(role: &Role) -> BusPowers {
    let closed: Vec<Known> = role.forbidden_actions.iter().filter_map(Known::closed_by).collect();
    let not_to: Vec<_> = role.forbidden_actions.iter().filter_map(Ban::forbidden_delegate).collect();
    let delegates: Vec<_> = role
        .delegates_to
        .iter()
        .filter(|name| !not_to.contains(name) && !closed.contains(&Known::DelegateTask))
        .cloned()
        .collect();

    // What a stock client needs, and no more: the same as for an agent without a role file.
    let stock = permission::for_agent(&role.name, &delegates);
    let all_own_events = wire::events_of(&role.name);
    let mut allow = Vec::new();
    for pattern in stock.publish {
        match &role.broadcasts {
            Some(topics) if pattern == all_own_events => {
                let named = topics.iter().map(crate::pattern::Topic::as_str);
                for topic in EVERY_AGENTS_TOPICS.into_iter().chain(named) {
                    add(&mut allow, wire::event(&role.name, topic));
                }
            }
            _ => add(&mut allow, pattern),
        }
    }

    let mut deny = Vec::new();
    for known in Known::ALL.into_iter().filter(|known| closed.contains(known)) {
        for topic in known.topics() {
            add(&mut deny, wire::event(&role.name, topic));
        }
        for kind in known.kinds() {
            add(&mut deny, subject::tasks_of_kind(kind));
        }
    }
    for name in not_to {
        add(&mut deny, wire::tasks_of(&name));
    }

    BusPowers {
        publish: Subjects { allow, deny },
        subscribe: Subjects { allow: stock.subscribe, deny: Vec::new() },
        payload_bytes: PAYLOAD_BYTES,
        subscriptions: SUBSCRIPTIONS,
        consumer: Consumer {
            ack_wait_seconds: role.consumes.ack_wait.0,
            max_deliver: role.consumes.max_deliver,
            max_ack_pending: role.consumes.max_ack_pending,
        },
    }
}

/// Keeps a list without patterns that another one in it covers, so that its reader reads each power once.
fn add(list: &mut Vec<String>, pattern: String) {
    if list.iter().any(|kept| subject_covers(kept, &pattern)) {
        return;
    }
    list.retain(|kept| !subject_covers(&pattern, kept));
    list.push(pattern);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_patterns_says_each_power_once() {
        let mut list = Vec::new();
        for pattern in ["a.b", "a.*", "a.c", "b", ">"] {
            add(&mut list, pattern.to_owned());
        }
        assert_eq!(list, [">"]);
    }

    #[test]
    fn what_is_denied_is_denied_though_it_is_allowed() {
        let subjects = Subjects { allow: vec!["tasks.cso.>".into()], deny: vec!["tasks.*.decision_made".into()] };
        assert!(subjects.permit("tasks.cso.scan"));
        assert!(!subjects.permit("tasks.cso.decision_made"));
        assert!(!subjects.permit("tasks.ceo.scan"));
    }
}
