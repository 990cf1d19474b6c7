//! One task with all that is known of it.

use crate::{Error, Service, policy::Action};
use countersign_domain::{Actor, TaskId, reading::TaskDetail};

impl Service {
    pub async fn read_task(&self, actor: &Actor, id: TaskId) -> Result<TaskDetail, Error> {
        self.allow(actor, Action::Read)?;
        Ok(self.ports.history.task(actor.tenant, id).await?)
    }
}
