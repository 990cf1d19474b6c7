//! The fleet as it is now.

use crate::{Error, Service, policy::Action};
use countersign_domain::{Actor, reading::Fleet};

impl Service {
    pub async fn read_fleet(&self, actor: &Actor) -> Result<Fleet, Error> {
        self.allow(actor, Action::Read)?;
        let agents = self.ports.agents.fleet(actor.tenant, None, self.ports.clock.now()).await?;
        let uptime = self.ports.agents.uptime(actor.tenant).await?;
        let stopped = self.ports.stops.of(actor.tenant, None).await?;
        Ok(Fleet { agents, uptime, stopped, connect: self.ports.connect.clone(), bus: self.ports.bus.health() })
    }
}
