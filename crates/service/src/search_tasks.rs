//! One page of tasks that match a query.

use crate::{Error, Service, policy::Action};
use countersign_domain::{
    Actor,
    reading::{TaskPage, TaskQuery},
};

impl Service {
    pub async fn search_tasks(&self, actor: &Actor, query: &TaskQuery) -> Result<TaskPage, Error> {
        self.allow(actor, Action::Read)?;
        Ok(self.ports.history.search(actor.tenant, query).await?)
    }
}
