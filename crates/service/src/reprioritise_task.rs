//! Another place in the line.

use crate::{Error, Service, create_task::priority, policy::Action};
use countersign_domain::{Actor, TaskId};

impl Service {
    /// Sets how urgent the task is among those of its agent that are not on the bus yet: 0 to 9.
    pub async fn reprioritise_task(&self, actor: &Actor, id: TaskId, value: i64) -> Result<(), Error> {
        self.allow(actor, Action::ReprioritiseTask)?;
        let act = self.act(actor);
        Ok(self.ports.tasks.reprioritise(actor.tenant, id, priority(value)?, act).await?)
    }
}
