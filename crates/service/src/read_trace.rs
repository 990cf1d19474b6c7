//! Everything of one `correlation_id`.

use crate::{Error, Service, policy::Action};
use countersign_domain::{Actor, reading::Trace};

impl Service {
    /// The page that begins at the cursor `after`, or the first.
    pub async fn read_trace(&self, actor: &Actor, correlation_id: &str, after: &str) -> Result<Trace, Error> {
        self.allow(actor, Action::Read)?;
        Ok(self.ports.history.trace(actor.tenant, correlation_id, after).await?)
    }
}
