//! Calling a task off.

use crate::{Error, Service, policy::Action, reason};
use countersign_domain::{Actor, TaskId};

impl Service {
    /// Takes the task from the queue, or from here if it is not on the bus yet. A worker that has it already
    /// may finish, but nothing follows from that; one that holds a lease is told at its next word.
    pub async fn cancel_task(&self, actor: &Actor, id: TaskId, why: &str) -> Result<(), Error> {
        self.allow(actor, Action::CancelTask)?;
        let act = self.act(actor);
        Ok(self.ports.tasks.cancel(actor.tenant, id, reason::optional(why)?, act).await?)
    }
}
