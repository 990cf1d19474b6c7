//! In whose name a token speaks.

use crate::{Error, Service, make_token::tenant_of, ports::StoreError, sign_in::digest};
use countersign_domain::{Actor, ApiTokenId};

impl Service {
    /// The person who made the token, with its scopes and the role that they have now; or
    /// [`Error::SignedOut`]. `from` is the network address that it is used from.
    pub async fn authenticate_token(&self, token: &str, from: &str) -> Result<(ApiTokenId, Actor), Error> {
        let tenant = tenant_of(token).ok_or(Error::SignedOut)?;
        match self.ports.api_tokens.actor(tenant, digest(token), from, self.ports.clock.now()).await {
            Ok(found) => Ok(found),
            Err(StoreError::NotFound) => Err(Error::SignedOut),
            Err(error) => Err(error.into()),
        }
    }
}
