//! Messages that could not be understood.

use crate::{
    Error, Service,
    policy::{Action, allow},
};
use countersign_domain::{Actor, reading::QuarantineRow};

impl Service {
    /// The newest 100.
    pub async fn list_quarantine(&self, actor: &Actor) -> Result<Vec<QuarantineRow>, Error> {
        allow(actor, Action::Read)?;
        Ok(self.ports.history.quarantine(actor.tenant, 100).await?)
    }
}
