//! Whose a brief is, for an address that does not say.

use crate::{
    Client, Error, Service,
    ports::{SessionTenant, StoreError},
    sign_in::digest,
};
use countersign_domain::BriefId;

/// Where a brief is, for whoever is signed in. Each has the organization's name in addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BriefHome {
    /// The session opens it.
    Open(String),
    /// It is entered through its own sign-in alone.
    BehindSso(String),
}

impl Service {
    /// The organization that the brief is of, among those of the session's person. [`Error::NotFound`] where it is in none
    /// of them. One that cannot be asked hides no other.
    pub async fn home_of_brief(
        &self,
        token: Option<&str>,
        brief: BriefId,
        client: &Client,
    ) -> Result<BriefHome, Error> {
        let id = digest(token.ok_or(Error::SignedOut)?);
        let tenants = match self.ports.sessions.tenants(id).await {
            Ok(tenants) if !tenants.is_empty() => tenants,
            Ok(_) | Err(StoreError::NotFound) => return Err(Error::SignedOut),
            Err(error) => return Err(error.into()),
        };
        let mut why = Error::NotFound;
        for tenant in tenants.iter().filter(|tenant| tenant.opens) {
            match self.is_in(token, tenant, brief, client).await {
                Ok(()) => return Ok(BriefHome::Open(tenant.slug.clone())),
                Err(Error::NotFound) => {}
                Err(Error::SignedOut) => return Err(Error::SignedOut),
                Err(error) => why = error,
            }
        }
        for tenant in tenants.into_iter().filter(|tenant| !tenant.opens && tenant.by_sso) {
            match self.ports.briefs.find(tenant.id, brief).await {
                Ok(_) => return Ok(BriefHome::BehindSso(tenant.slug)),
                Err(StoreError::NotFound) => {}
                Err(error) => why = error.into(),
            }
        }
        Err(why)
    }

    async fn is_in(
        &self,
        token: Option<&str>,
        tenant: &SessionTenant,
        brief: BriefId,
        client: &Client,
    ) -> Result<(), Error> {
        let actor = self.look_up(token, &tenant.slug, client).await?;
        self.read_brief(&actor, brief, None).await.map(drop)
    }
}
