//! From the key of a bus credential to a token for the Workspace API.

use crate::{AgentError, Service, ports::AgentActor, sign_in::digest};
use countersign_domain::{AgentName, Millis};
use data_encoding::BASE64URL_NOPAD;

/// A token ends after so long; its holder gets another one. Milliseconds.
pub const TOKEN_MS: i64 = 15 * 60 * 1000;

/// A new token. It is kept nowhere but with its holder.
#[derive(Debug)]
pub struct Admitted {
    pub token: String,
    pub agent: AgentName,
}

impl Service {
    /// Gives the holder of a live credential a token for [`TOKEN_MS`]. `jwt` is the credential's claims, and
    /// `signature` its key's over the challenge, as `wire::signature` says. The challenge is used up, whatever
    /// comes of it.
    pub async fn admit_agent(&self, jwt: &str, challenge: [u8; 32], signature: &[u8]) -> Result<Admitted, AgentError> {
        let now = self.ports.clock.now();
        let claims = &self.ports.claims;
        if !claims.use_challenge(challenge, now).await? {
            return Err(AgentError::Unproven);
        }
        let proven = self.ports.bus.prove_agent(jwt, &challenge, signature).await?;
        // Signed once is not enough: what the record says now counts.
        let (credential, agent) = claims.credential(proven.tenant, &proven.public_key, now).await?;
        let token = BASE64URL_NOPAD.encode(&self.ports.entropy.bytes32());
        let actor = AgentActor { tenant: proven.tenant, agent: agent.clone(), credential };
        claims.put_token(digest(&token), &actor, Millis(now.0 + TOKEN_MS), now).await?;
        Ok(Admitted { token, agent })
    }
}
