//! Everything of one `correlation_id`.

use crate::{
    Error, Service,
    policy::{Action, allow},
};
use countersign_domain::{Actor, reading::Trace};

impl Service {
    pub async fn read_trace(&self, actor: &Actor, correlation_id: &str) -> Result<Trace, Error> {
        allow(actor, Action::Read)?;
        Ok(self.ports.history.trace(actor.tenant, correlation_id).await?)
    }
}
