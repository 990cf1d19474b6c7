//! One agent, its credentials and its latest work.

use crate::{Error, Service, policy::Action};
use countersign_domain::{Actor, AgentName, reading::AgentDetail};

impl Service {
    pub async fn read_agent(&self, actor: &Actor, name: &AgentName) -> Result<AgentDetail, Error> {
        self.allow(actor, Action::Read)?;
        let agents = &self.ports.agents;
        let mut rows = agents.fleet(actor.tenant, Some(name), self.ports.clock.now()).await?;
        let row = rows.pop().ok_or(Error::NotFound)?;
        let delegates = agents.delegates(actor.tenant, name).await?;
        let (may_publish, may_subscribe) = self.ports.bus.permissions(name, &delegates);
        Ok(AgentDetail {
            row,
            fleet_uptime: agents.uptime(actor.tenant).await?,
            credentials: agents.credentials(actor.tenant, name).await?,
            recent: self.ports.history.recent_of(actor.tenant, name, 10).await?,
            connect: self.ports.connect.clone(),
            bus: self.ports.bus.health(),
            may_publish,
            may_subscribe,
        })
    }
}
