//! What a founder finds when they look back on a decision. It stands beside the decision, which stays as it is.

use crate::{
    Error, Service,
    ask_author::written,
    policy::Action,
    ports::{LookBackSaid, NewLookBack},
};
use countersign_domain::{Actor, DecisionId, Millis, brief::MOST_NOTE};

/// Nothing is put off for longer. Milliseconds.
const FARTHEST_MS: i64 = 2 * 365 * 86_400_000;

impl Service {
    /// Whether what was decided proved right, in one of the words of [`Outcome`](countersign_domain::brief::Outcome). The
    /// newest answer counts; the others stay. [`Error::Invalid`] about `outcome` or `note`.
    pub async fn look_back(&self, actor: &Actor, id: DecisionId, outcome: &str, note: &str) -> Result<(), Error> {
        self.allow(actor, Action::LookBack)?;
        let outcome = outcome.trim().parse().map_err(|_| Error::invalid("outcome", "Choose how it turned out."))?;
        let note = written("note", note, MOST_NOTE)?;
        self.say(actor, id, LookBackSaid::Outcome(outcome, note)).await
    }

    /// To look back on it then. [`Error::Invalid`] about `until`, [`Error::Conflict`] where it was looked back on already.
    pub async fn postpone_look_back(&self, actor: &Actor, id: DecisionId, until: Millis) -> Result<(), Error> {
        self.allow(actor, Action::LookBack)?;
        let ahead = until.0 - self.ports.clock.now().0;
        if ahead <= 0 || ahead > FARTHEST_MS {
            return Err(Error::invalid("until", "Choose a day that lies ahead, within two years."));
        }
        self.say(actor, id, LookBackSaid::Later(until)).await
    }

    async fn say(&self, actor: &Actor, decision: DecisionId, said: LookBackSaid) -> Result<(), Error> {
        let act = self.act(actor);
        let new = NewLookBack { id: self.ports.entropy.uuid(act.at), decision, said, act };
        Ok(self.ports.decision_history.look_back(actor.tenant, new).await?)
    }
}
