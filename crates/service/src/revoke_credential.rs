//! The end of a credential before its time.

use crate::{Error, Service, policy::Action};
use countersign_domain::{Actor, CredentialId};

impl Service {
    /// Revokes a credential: recorded first, then told to the bus, which cuts its holder off at once.
    /// While the bus is down it stays recorded, and the bridge tells the bus before any agent can
    /// connect through it again; the caller learns that it has not happened yet.
    pub async fn revoke_credential(&self, actor: &Actor, id: CredentialId) -> Result<(), Error> {
        self.allow(actor, Action::RevokeCredential)?;
        self.ports.agents.revoke_credential(actor.tenant, id, self.act(actor)).await?;
        self.cut_off(actor).await
    }
}
