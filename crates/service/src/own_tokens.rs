//! What a founder sees of the organization's tokens, and ending one.

use crate::{Error, Service, policy::Action};
use countersign_domain::{Actor, ApiTokenId, reading::Tokens};

impl Service {
    /// The organization's tokens, whoever made them, the newest first.
    pub async fn list_tokens(&self, actor: &Actor) -> Result<Tokens, Error> {
        self.allow(actor, Action::SeeTokens)?;
        let tokens = self.ports.api_tokens.list(actor.tenant, self.ports.clock.now()).await?;
        Ok(Tokens { tokens, console_url: self.ports.connect.console_url.clone() })
    }

    /// Ends a token: whoever holds it is refused with their next request.
    pub async fn revoke_token(&self, actor: &Actor, id: ApiTokenId) -> Result<(), Error> {
        self.allow(actor, Action::RevokeToken)?;
        Ok(self.ports.api_tokens.revoke(actor.tenant, id, self.act(actor)).await?)
    }
}
