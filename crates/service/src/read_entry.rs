//! One entry of the journal.

use crate::{Error, Service, policy::Action};
use countersign_domain::{Actor, reading::EntryDetail};

impl Service {
    pub async fn read_entry(&self, actor: &Actor, seq: u64) -> Result<EntryDetail, Error> {
        self.allow(actor, Action::Read)?;
        Ok(self.ports.history.entry(actor.tenant, seq).await?)
    }
}
