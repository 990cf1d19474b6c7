//! Who may decide a brief: a founder, or whom the founders handed it to.

use crate::{
    Error, Service,
    brief_row::Thawed,
    policy::{Action, BRIEF_POLICY, DELEGATE_POLICY, rank},
};
use countersign_domain::{Actor, BriefId};

impl Service {
    /// Lets a founder pass who may do `founder`, and else somebody to whom each of the briefs is handed now and who may do
    /// `delegate`. Whoever is neither hears what a founder may.
    pub(crate) async fn allow_deciding(
        &self,
        actor: &Actor,
        founder: Action,
        delegate: Action,
        briefs: &[BriefId],
    ) -> Result<(), Error> {
        let Err(refused) = self.allow(actor, founder) else { return Ok(()) };
        if !matches!(refused, Error::Forbidden(_)) || rank(actor.role) < rank(delegate.needs()) || briefs.is_empty() {
            return Err(refused);
        }
        let now = self.ports.clock.now();
        let rules = self.rules(actor.tenant, now).await?;
        for brief in briefs {
            let Ok(Ok(thawed)) = self.ports.briefs.find(actor.tenant, *brief).await.map(Thawed::of) else {
                return Err(refused);
            };
            let is_theirs = thawed.delegate(&rules).is_some_and(|(person, _)| *person == actor.person);
            if !is_theirs || !thawed.is_delegated(&rules, now) {
                return Err(refused);
            }
        }
        self.allow(actor, delegate)
    }

    /// Whether something is handed to the actor at all: the first question about what is signed, whose briefs are known
    /// only after the browser's answer was read.
    pub(crate) async fn allow_signing(&self, actor: &Actor) -> Result<(), Error> {
        let Err(refused) = self.allow(actor, Action::SignDecision) else { return Ok(()) };
        let is_forbidden = matches!(refused, Error::Forbidden(_));
        if is_forbidden && rank(actor.role) >= rank(Action::SignDelegated.needs()) {
            let rules = self.rules(actor.tenant, self.ports.clock.now()).await?;
            if rules.names(actor.person) {
                return self.allow(actor, Action::SignDelegated);
            }
        }
        Err(refused)
    }
}

/// The rule by which the actor decides.
pub(crate) fn rule_of(actor: &Actor) -> &'static str {
    if rank(actor.role) >= rank(Action::DecideBrief.needs()) { BRIEF_POLICY } else { DELEGATE_POLICY }
}
