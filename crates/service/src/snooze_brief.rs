//! A brief out of sight for a while, and never beyond its deadline.

use crate::{Error, Service, policy::Action};
use countersign_domain::{Actor, BriefId, Millis};

impl Service {
    /// Puts the brief off until then; without a moment, takes it up again. [`Error::Invalid`] about `until` for what
    /// lies in the past; [`Error::Conflict`] beyond the deadline, or where it is decided.
    pub async fn snooze_brief(&self, actor: &Actor, brief: BriefId, until: Option<Millis>) -> Result<(), Error> {
        self.allow(actor, Action::SnoozeBrief)?;
        let act = self.act(actor);
        if until.is_some_and(|until| until <= act.at) {
            return Err(Error::invalid("until", "Choose a moment that lies ahead."));
        }
        Ok(self.ports.briefs.snooze(actor.tenant, brief, until, act).await?)
    }
}
