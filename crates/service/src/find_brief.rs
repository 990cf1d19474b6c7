//! Whose a brief is, for an address that does not say.

use crate::{Client, Error, Service, ports::StoreError, sign_in::digest};
use countersign_domain::BriefId;

impl Service {
    /// The name in addresses of the organization that the brief is of, among those that the session opens.
    /// [`Error::NotFound`] where it is in none of them.
    pub async fn home_of_brief(&self, token: Option<&str>, brief: BriefId, client: &Client) -> Result<String, Error> {
        let id = digest(token.ok_or(Error::SignedOut)?);
        let tenants = match self.ports.sessions.tenants(id).await {
            Ok(tenants) if !tenants.is_empty() => tenants,
            Ok(_) | Err(StoreError::NotFound) => return Err(Error::SignedOut),
            Err(error) => return Err(error.into()),
        };
        for tenant in tenants.into_iter().filter(|tenant| tenant.opens) {
            let actor = self.look_up(token, &tenant.slug, client).await?;
            match self.read_brief(&actor, brief, None).await {
                Ok(_) => return Ok(tenant.slug),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::NotFound)
    }
}
