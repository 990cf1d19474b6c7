//! The page one sees first.

use crate::{Error, Service, policy::Action};
use countersign_domain::{
    Actor,
    reading::{OutboxHealth, Overview},
};

/// What waits for less is on its way to the bus. Milliseconds.
const ON_ITS_WAY_MS: i64 = 2_000;

impl Service {
    pub async fn read_overview(&self, actor: &Actor) -> Result<Overview, Error> {
        self.allow(actor, Action::Read)?;
        let now = self.ports.clock.now();
        let mut overview = self.ports.history.overview(actor.tenant, now).await?;
        let outbox = &overview.outbox;
        if outbox.error.is_none() && outbox.oldest.is_none_or(|oldest| now.since(oldest) < ON_ITS_WAY_MS) {
            overview.outbox = OutboxHealth::default();
        }
        overview.bus = self.ports.bus.health();
        overview.connect = self.ports.connect.clone();
        Ok(overview)
    }
}
