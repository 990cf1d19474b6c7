//! A founder takes a decision back while it is held. Nobody was told of it yet.

use crate::{Error, Service, policy::Action};
use countersign_domain::{Actor, BriefId, DecisionId};

impl Service {
    /// Takes it back; answers the brief, which is open again. [`Error::Conflict`] where it counts already, or is
    /// somebody else's.
    pub async fn undo_decision(&self, actor: &Actor, decision: DecisionId) -> Result<BriefId, Error> {
        self.allow(actor, Action::UndoDecision)?;
        Ok(self.ports.decisions.undo(actor.tenant, decision, self.act(actor)).await?)
    }
}
