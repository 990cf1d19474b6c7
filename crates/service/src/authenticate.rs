//! Who a session belongs to, and what that lets them do.

use crate::{
    Client, Error, Service,
    policy::{Action, allow},
    ports::{SessionQuery, StoreError},
    sign_in::digest,
};
use countersign_domain::{Act, Actor, Via};

/// A session that was not used for so long has ended (OWASP ASVS 5.0, 7.3.1).
pub(crate) const IDLE_MS: i64 = 30 * 60 * 1000;

impl Service {
    /// The person behind a session cookie, in the tenant of that name, or in one of theirs. [`Error::SignedOut`] where
    /// there is no such session, [`Error::NotFound`] where the tenant is not theirs.
    pub async fn authenticate(
        &self,
        token: Option<&str>,
        tenant: Option<&str>,
        client: &Client,
    ) -> Result<Actor, Error> {
        self.actor(token, tenant, client, true).await
    }

    /// As [`Service::authenticate`], for what a page does by itself: it keeps no session alive.
    pub async fn look_up(&self, token: Option<&str>, tenant: &str, client: &Client) -> Result<Actor, Error> {
        self.actor(token, Some(tenant), client, false).await
    }

    async fn actor(
        &self,
        token: Option<&str>,
        tenant: Option<&str>,
        client: &Client,
        is_use: bool,
    ) -> Result<Actor, Error> {
        let id = digest(token.ok_or(Error::SignedOut)?);
        let (tenant, now) = (tenant.map(ToOwned::to_owned), self.ports.clock.now());
        let query = SessionQuery { id, tenant, now, idle_ms: IDLE_MS, from: client.address.clone(), is_use };
        match self.ports.sessions.actor(query).await {
            Ok(Some(actor)) => Ok(actor),
            Ok(None) => Err(Error::NotFound),
            Err(StoreError::NotFound) => Err(Error::SignedOut),
            Err(error) => Err(error.into()),
        }
    }

    /// Lets the actor pass, or says what is lacking.
    pub(crate) fn allow(&self, actor: &Actor, action: Action) -> Result<(), Error> {
        allow(actor, action, self.ports.clock.now())
    }

    /// What the actor does now.
    pub(crate) fn act(&self, actor: &Actor) -> Act {
        Act { by: actor.person, at: self.ports.clock.now(), via: actor.via.clone() }
    }

    /// What is done to a person's account by whoever proved to be that person in the way of `via`.
    pub(crate) fn own_act(&self, person: countersign_domain::PersonId, via: Via) -> Act {
        Act { by: person, at: self.ports.clock.now(), via }
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
