//! Messages that could not be understood.

use crate::{Error, Service, policy::Action, visible_text::for_mending};
use countersign_domain::{Actor, reading::QuarantineRow};

impl Service {
    /// The newest 100.
    pub async fn list_quarantine(&self, actor: &Actor) -> Result<Vec<QuarantineRow>, Error> {
        self.allow(actor, Action::Read)?;
        let mut rows = self.ports.history.quarantine(actor.tenant, 100).await?;
        for row in &mut rows {
            row.editable = row.editable.as_deref().map(for_mending);
        }
        Ok(rows)
    }
}
