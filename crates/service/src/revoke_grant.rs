//! A founder takes a grant back: its agent acts no longer by itself.

use crate::{Error, Service, policy::Action, reason};
use countersign_domain::{Actor, GrantId, TaskId};

impl Service {
    pub async fn revoke_grant(&self, actor: &Actor, grant: GrantId, why: &str) -> Result<(), Error> {
        self.allow(actor, Action::RevokeGrant)?;
        let why = reason::required(why, "Say why; its agent will read it.")?;
        let act = self.act(actor);
        let task = TaskId(self.ports.entropy.uuid(act.at));
        Ok(self.ports.autonomy.end_grant(actor.tenant, grant, &why, task, act).await?)
    }
}
