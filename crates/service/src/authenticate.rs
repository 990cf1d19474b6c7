//! Who a session belongs to, and what that lets them do.

use crate::{
    Client, Error, Service,
    policy::{Action, allow},
    ports::{SessionQuery, SessionTenant, StoreError},
    sign_in::digest,
};
use countersign_domain::{Act, Actor, Via};

/// A session that was not used for so long has ended (OWASP ASVS 5.0, 7.3.1).
pub(crate) const IDLE_MS: i64 = 30 * 60 * 1000;

/// What whoever belongs to the tenant is told where their session does not open it.
fn shut(tenant: &SessionTenant) -> Error {
    let SessionTenant { slug, name, .. } = tenant;
    Error::Conflict(if tenant.by_sso {
        format!("{name} is entered through its own sign-in: go to /sso/{slug}.")
    } else {
        format!(
            "Another organization's sign-in service let you in, and does not speak for you in {name}. Sign in to it with \
             your password or a passkey, or through {name}'s own sign-in service if it has one."
        )
    })
}

impl Service {
    /// The person behind a session cookie, in the tenant of that name, or in one of theirs. [`Error::SignedOut`] where
    /// there is no such session, [`Error::NotFound`] where the tenant is not theirs, [`Error::Conflict`]
    /// where it is and this session does not open it.
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
        let (asked, now) = (tenant.map(ToOwned::to_owned), self.ports.clock.now());
        let query =
            SessionQuery { id, tenant: asked.clone(), now, idle_ms: IDLE_MS, from: client.address.clone(), is_use };
        match self.ports.sessions.actor(query).await {
            Ok(Some(actor)) => Ok(actor),
            Ok(None) => Err(self.shut_out(id, asked.as_deref()).await?.map_or(Error::NotFound, |tenant| shut(&tenant))),
            Err(StoreError::NotFound) => Err(Error::SignedOut),
            Err(error) => Err(error.into()),
        }
    }

    /// The tenant of this name, if the session's person belongs to it and the session does not open it. Without a name
    /// none is meant.
    async fn shut_out(&self, session: [u8; 32], slug: Option<&str>) -> Result<Option<SessionTenant>, Error> {
        let Some(slug) = slug else { return Ok(None) };
        let all = self.ports.sessions.tenants(session).await?;
        Ok(all.into_iter().find(|tenant| tenant.slug == slug && !tenant.opens))
    }

    /// A tenant that the session does not open, though its person belongs to it: rather one that is entered through a
    /// sign-in of its own.
    pub async fn tenant_shut(&self, token: Option<&str>) -> Result<Option<SessionTenant>, Error> {
        let all = self.ports.sessions.tenants(digest(token.ok_or(Error::SignedOut)?)).await?;
        Ok(all.into_iter().filter(|tenant| !tenant.opens).max_by_key(|tenant| tenant.by_sso))
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
        Ok(self.ports.people.first_founder(None).await?)
    }
}
