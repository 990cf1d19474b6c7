//! The end of a credential before its time.

use crate::{Error, Service, policy::Action};
use countersign_domain::{Actor, CredentialId};

impl Service {
    /// Revokes a credential: recorded first, then told to the bus, which cuts its holder off at once.
    /// While the bus is down it stays recorded, and the bridge tells the bus before any agent can
    /// connect through it again; the caller learns that it has not happened yet.
    pub async fn revoke_credential(&self, actor: &Actor, id: CredentialId) -> Result<(), Error> {
        self.allow(actor, Action::RevokeCredential)?;
        let now = self.ports.clock.now();
        self.ports.agents.revoke_credential(actor.tenant, id, self.act(actor)).await?;
        let revoked = self.ports.agents.revocations(actor.tenant, now).await?;
        self.ports.bus.revoke(actor.tenant, revoked).await.map_err(|error| {
            tracing::warn!(credential.id = %id, %error, "a revocation waits for the bus");
            Error::Conflict("The credential is marked as revoked, but the bus is not answering. It will be cut off as soon as the bus is back.".to_owned())
        })
    }
}
