//! The page one sees first.

use crate::{
    Error, Service,
    policy::{Action, allow},
};
use countersign_domain::{Actor, reading::Overview};

impl Service {
    pub async fn read_overview(&self, actor: &Actor) -> Result<Overview, Error> {
        allow(actor, Action::Read)?;
        let mut overview = self.ports.history.overview(actor.tenant, self.ports.clock.now()).await?;
        overview.bus = self.ports.bus.health();
        overview.connect = self.ports.connect.clone();
        Ok(overview)
    }
}
