//! Which agent a token belongs to.

use crate::{AgentError, Service, ports::AgentActor, sign_in::digest};

impl Service {
    /// The agent behind a token, or [`AgentError::Unproven`]. A revoked credential ends its tokens at once.
    pub async fn authenticate_agent(&self, token: &str) -> Result<AgentActor, AgentError> {
        Ok(self.ports.claims.actor(digest(token), self.ports.clock.now()).await?)
    }
}
