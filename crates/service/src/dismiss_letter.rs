//! A dead letter about which nothing is to be done.

use crate::{Error, Service, policy::Action, reason};
use countersign_domain::{Actor, TaskId};

impl Service {
    pub async fn dismiss_letter(&self, actor: &Actor, letter: TaskId, why: &str) -> Result<(), Error> {
        self.allow(actor, Action::DismissLetter)?;
        let why = reason::required(why, "Say why nothing is to be done; it is kept with the letter.")?;
        let act = self.act(actor);
        Ok(self.ports.dead_letters.dismiss(actor.tenant, letter, why, act).await?)
    }
}
