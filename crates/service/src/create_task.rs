//! A task that a founder gives.

use crate::{Error, Service, policy::Action, ports::NewTask, task_payload};
use countersign_domain::{Actor, Millis, TaskId, task::Priority};

/// A task may be put off for so long. Milliseconds.
const MOST_AHEAD_MS: i64 = 366 * 24 * 60 * 60 * 1000;
/// Clocks of browsers differ a little from ours; a moment just past is now.
const SKEW_MS: i64 = 60 * 1000;

/// What a founder enters.
#[derive(Debug, Clone, Default)]
pub struct TaskForm {
    pub agent: String,
    pub kind: String,
    /// A JSON object; empty is `{}`.
    pub payload: String,
    /// The trace that it belongs to; empty begins one of its own.
    pub correlation_id: String,
    /// Not before this moment; none is now.
    pub not_before: Option<Millis>,
    /// 0 to 9.
    pub priority: i64,
}

impl Service {
    /// Creates the task and has it put on the bus when it is due. While the bus is away it waits here.
    pub async fn create_task(&self, actor: &Actor, form: TaskForm) -> Result<TaskId, Error> {
        let id = TaskId(self.ports.entropy.uuid(self.ports.clock.now()));
        self.create_task_as(actor, id, form).await
    }

    /// As [`Service::create_task`], with an id that the caller keeps: said again, it makes the task once.
    pub async fn create_task_as(&self, actor: &Actor, id: TaskId, form: TaskForm) -> Result<TaskId, Error> {
        self.allow(actor, Action::CreateTask)?;
        let agent = form.agent.trim().parse().map_err(|error| Error::invalid("agent", error))?;
        let kind = form.kind.trim().parse().map_err(|error| Error::invalid("kind", error))?;
        let priority = priority(form.priority)?;
        let now = self.ports.clock.now();
        let not_before = match form.not_before {
            Some(at) if at.0 < now.0 - SKEW_MS => {
                return Err(Error::invalid(
                    "not_before",
                    "That moment has passed. Choose a later one, or none for now.",
                ));
            }
            Some(at) if at.0 > now.0 + MOST_AHEAD_MS => {
                return Err(Error::invalid("not_before", "Choose a moment within a year."));
            }
            at => at.filter(|at| *at > now),
        };
        let trace = Some(form.correlation_id.trim()).filter(|trace| !trace.is_empty());
        let payload = task_payload::check(&form.payload, trace, || format!("founder-{id}"))?;
        let task = NewTask {
            id,
            agent,
            kind,
            title: payload.title,
            correlation_id: payload.correlation_id,
            payload: payload.text,
            not_before,
            priority,
            act: self.act(actor),
        };
        self.ports.tasks.create(actor.tenant, task).await?;
        Ok(id)
    }
}

pub(crate) fn priority(value: i64) -> Result<Priority, Error> {
    Priority::new(value).ok_or_else(|| Error::invalid("priority", "Choose a priority from 0 to 9; 9 goes first."))
}
