//! The fleet as it is now.

use crate::{
    Error, Service,
    policy::{Action, allow},
};
use countersign_domain::{Actor, reading::Fleet};

impl Service {
    pub async fn read_fleet(&self, actor: &Actor) -> Result<Fleet, Error> {
        allow(actor, Action::Read)?;
        let agents = self.ports.agents.fleet(actor.tenant, None, self.ports.clock.now()).await?;
        Ok(Fleet { agents, connect: self.ports.connect.clone(), bus: self.ports.bus.health() })
    }
}
