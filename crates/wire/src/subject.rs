//! Subjects, spelled and read in one place.

use countersign_domain::{AgentName, TaskKind, name::NameError};

/// Why a subject cannot be one of ours. The text is the reason that quarantine shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    #[error("The subject has {0} parts; a task's has three: tasks.<agent>.<kind>.")]
    TaskTokens(usize),
    #[error("The subject has too few parts; an event's is events.<agent>.<topic>.")]
    EventTokens,
    #[error("The agent “{name}” in the subject cannot be used: {why}")]
    Agent { name: String, why: NameError },
    #[error("The kind “{name}” in the subject cannot be used: {why}")]
    Kind { name: String, why: NameError },
    #[error("The topic is longer than 128 characters.")]
    LongTopic,
}

/// `tasks.<agent>.<kind>`
pub fn task(agent: &AgentName, kind: &TaskKind) -> String {
    format!("tasks.{agent}.{kind}")
}

/// `tasks.<agent>.>`: all of an agent's tasks.
pub fn tasks_of(agent: &AgentName) -> String {
    format!("tasks.{agent}.>")
}

/// `dlq.<agent>.<kind>`: the copy of a dead letter.
pub fn letter(agent: &AgentName, kind: &TaskKind) -> String {
    format!("dlq.{agent}.{kind}")
}

/// `events.countersign.journal.head`: the signed head of the tenant's journal.
pub const JOURNAL_HEAD: &str = "events.countersign.journal.head";

/// `events.countersign.decision.made`: what was decided, for everybody.
pub const DECISION_MADE: &str = "events.countersign.decision.made";

/// `events.countersign.allocation.changed`: how the organization's means are shared out from now on.
pub const ALLOCATION_CHANGED: &str = "events.countersign.allocation.changed";

/// `events.countersign.context.changed`: something that founders know was told, told otherwise, or taken back.
pub const CONTEXT_CHANGED: &str = "events.countersign.context.changed";

/// `events.<agent>.<topic>`
pub fn event(agent: &AgentName, topic: &str) -> String {
    format!("events.{agent}.{topic}")
}

/// `events.<agent>.>`: all that an agent may broadcast.
pub fn events_of(agent: &AgentName) -> String {
    format!("events.{agent}.>")
}

/// The prefix of an agent's private inbox; a shared `_INBOX` would let agents read each other's
/// replies.
pub fn inbox_prefix(agent: &AgentName) -> String {
    format!("_INBOX_{agent}")
}

/// Reads `tasks.<agent>.<kind>`.
pub fn parse_task(subject: &str) -> Result<(AgentName, TaskKind), SubjectError> {
    let tokens: Vec<&str> = subject.split('.').collect();
    let [_, agent, kind] = tokens.as_slice() else {
        return Err(SubjectError::TaskTokens(tokens.len()));
    };
    let kind_of = |why| SubjectError::Kind { name: (*kind).to_owned(), why };
    Ok((parse_agent(agent)?, kind.parse().map_err(kind_of)?))
}

/// Reads `events.<agent>.<topic…>`. The server's own name is allowed here: it broadcasts too.
pub fn parse_event(subject: &str) -> Result<(&str, &str), SubjectError> {
    let mut tokens = subject.splitn(3, '.').skip(1);
    let (Some(agent), Some(topic)) = (tokens.next(), tokens.next()) else {
        return Err(SubjectError::EventTokens);
    };
    if agent != "countersign" {
        parse_agent(agent)?;
    }
    if topic.len() > 128 {
        return Err(SubjectError::LongTopic);
    }
    Ok((agent, topic))
}

fn parse_agent(token: &str) -> Result<AgentName, SubjectError> {
    token.parse().map_err(|why| SubjectError::Agent { name: token.to_owned(), why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_subject_is_read_as_it_is_spelled() {
        let (agent, kind) = parse_task("tasks.cso.security_scan").unwrap();
        assert_eq!(task(&agent, &kind), "tasks.cso.security_scan");
    }

    #[test]
    fn other_shapes_say_what_is_wrong() {
        assert_eq!(parse_task("tasks.cso"), Err(SubjectError::TaskTokens(2)));
        assert_eq!(parse_task("tasks.cso.a.b"), Err(SubjectError::TaskTokens(4)));
        assert!(matches!(parse_task("tasks.founder.a"), Err(SubjectError::Agent { .. })));
        assert!(matches!(parse_task("tasks.cso.Big"), Err(SubjectError::Kind { .. })));
        assert_eq!(parse_event("events.cso"), Err(SubjectError::EventTokens));
    }

    #[test]
    fn an_event_topic_may_have_many_parts() {
        assert_eq!(parse_event("events.cso.task.failed").unwrap(), ("cso", "task.failed"));
        assert_eq!(parse_event("events.countersign.journal.head").unwrap().0, "countersign");
        assert!(parse_event("events.system.x").is_err());
    }
}
