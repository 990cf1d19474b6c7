//! Whether the journal is whole.

use crate::{Error, Service, policy::Action};
use countersign_domain::{Actor, audit::Checked};
use std::time::Duration;

/// A page waits for it, so it must end before a request does. At 100,000 entries a second this is a million.
const BUDGET: Duration = Duration::from_secs(12);

impl Service {
    /// Checks the chain from the first entry to the head, and journals what came of it: who looks later sees when it
    /// was last whole. [`Error::Conflict`] while another check runs.
    pub async fn check_journal(&self, actor: &Actor) -> Result<Checked, Error> {
        self.allow(actor, Action::CheckJournal)?;
        let checked = self.ports.audit.check(actor.tenant, BUDGET).await?;
        let act = self.act(actor);
        self.ports.audit.note(actor.tenant, &act, checked.clone().entry(&act)).await?;
        Ok(checked)
    }
}
