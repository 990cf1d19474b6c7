//! The founders are back: what counted while they were away counts no longer.

use crate::{Error, Service, policy::Action};
use countersign_domain::{Actor, AwayId};

impl Service {
    /// Ends the absence now. [`Error::Conflict`] where it is over.
    pub async fn end_away(&self, actor: &Actor, away: AwayId) -> Result<(), Error> {
        self.allow(actor, Action::EndAway)?;
        Ok(self.ports.autonomy.end_away(actor.tenant, away, self.act(actor)).await?)
    }
}
