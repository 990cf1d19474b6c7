//! Who a session belongs to.

use crate::{Error, Service, ports::StoreError, sign_in::digest};
use countersign_domain::Actor;

/// A session that was not used for so long has ended (OWASP ASVS 5.0, 7.3.1).
pub(crate) const IDLE_MS: i64 = 30 * 60 * 1000;

impl Service {
    /// The person behind a session cookie, or [`Error::SignedOut`].
    pub async fn authenticate(&self, token: Option<&str>) -> Result<Actor, Error> {
        let token = token.ok_or(Error::SignedOut)?;
        let now = self.ports.clock.now();
        match self.ports.people.actor(digest(token), now, IDLE_MS).await {
            Ok(actor) => Ok(actor),
            Err(StoreError::NotFound) => Err(Error::SignedOut),
            Err(error) => Err(error.into()),
        }
    }

    /// Everybody, once for each tenant of theirs: for an operator with access to the database.
    pub async fn list_people(&self) -> Result<Vec<Actor>, Error> {
        Ok(self.ports.people.everybody().await?)
    }

    /// The founder who was there first: in whose name an operator with access to the database works.
    pub async fn first_founder(&self) -> Result<Actor, Error> {
        Ok(self.ports.people.first_founder().await?)
    }
}
