//! What an agent's credential allows on the bus: one pure function.

use crate::{stream, subject};
use countersign_domain::AgentName;

/// Subjects that a credential may publish to and subscribe to; everything else is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    pub publish: Vec<String>,
    pub subscribe: Vec<String>,
}

/// An agent may broadcast its own events, put tasks into its own queue and those of `delegates`, fetch
/// and acknowledge its own tasks, and read its own inbox. It may make or change no consumer and read
/// no stream: nothing on the bus can approve, decide or look at what is another's.
pub fn for_agent(agent: &AgentName, delegates: &[AgentName]) -> Permissions {
    let consumer = stream::consumer_of(agent);
    let mut publish = vec![subject::events_of(agent), subject::tasks_of(agent)];
    publish.extend(delegates.iter().map(subject::tasks_of));
    publish.extend([
        // What a stock client asks before its first pull.
        "$JS.API.INFO".to_owned(),
        "$JS.API.STREAM.NAMES".to_owned(),
        format!("$JS.API.CONSUMER.INFO.{}.{consumer}", stream::TASKS),
        format!("$JS.API.CONSUMER.MSG.NEXT.{}.{consumer}", stream::TASKS),
        // Both shapes of an acknowledgement's subject: short, and with domain and account hash.
        format!("$JS.ACK.{}.{consumer}.>", stream::TASKS),
        format!("$JS.ACK.*.*.{}.{consumer}.>", stream::TASKS),
    ]);
    Permissions { publish, subscribe: vec![format!("{}.>", subject::inbox_prefix(agent))] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_has_its_own_subjects_and_those_of_its_delegates_only() {
        let permissions = for_agent(&"cso".parse().unwrap(), &["devops".parse().unwrap()]);
        assert_eq!(
            permissions.publish,
            [
                "events.cso.>",
                "tasks.cso.>",
                "tasks.devops.>",
                "$JS.API.INFO",
                "$JS.API.STREAM.NAMES",
                "$JS.API.CONSUMER.INFO.TASKS.cso-agent",
                "$JS.API.CONSUMER.MSG.NEXT.TASKS.cso-agent",
                "$JS.ACK.TASKS.cso-agent.>",
                "$JS.ACK.*.*.TASKS.cso-agent.>",
            ]
        );
        assert_eq!(permissions.subscribe, ["_INBOX_cso.>"]);
    }
}
