//! What becomes of messages that could not be understood.

use crate::{Error, Service, TaskForm, policy::Action, ports::NewTask, reason, task_payload};
use countersign_domain::{Actor, QuarantineId, TaskId, task::Priority};

impl Service {
    /// Has the message done as a task, as the founder mended it: `agent`, `kind` and `payload` of the form
    /// count, the rest does not.
    pub async fn requeue_message(&self, actor: &Actor, id: QuarantineId, form: TaskForm) -> Result<TaskId, Error> {
        self.allow(actor, Action::MendQuarantine)?;
        let agent = form.agent.trim().parse().map_err(|error| Error::invalid("agent", error))?;
        let kind = form.kind.trim().parse().map_err(|error| Error::invalid("kind", error))?;
        let now = self.ports.clock.now();
        let task = TaskId(self.ports.entropy.uuid(now));
        let payload = task_payload::check(&form.payload, None, || format!("quarantine-{id}"))?;
        let new = NewTask {
            id: task,
            agent,
            kind,
            title: payload.title,
            correlation_id: payload.correlation_id,
            payload: payload.text,
            not_before: None,
            priority: Priority::default(),
            act: self.act(actor),
        };
        self.ports.quarantine.requeue(actor.tenant, id, new).await?;
        Ok(task)
    }

    pub async fn dismiss_message(&self, actor: &Actor, id: QuarantineId, why: &str) -> Result<(), Error> {
        self.allow(actor, Action::MendQuarantine)?;
        let why = reason::required(why, "Say why nothing is to be done; it is kept with the message.")?;
        let act = self.act(actor);
        Ok(self.ports.quarantine.dismiss(actor.tenant, id, why, act).await?)
    }
}
