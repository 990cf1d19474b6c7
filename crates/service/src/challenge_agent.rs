//! Something for an agent to sign.

use crate::{AgentError, Service};
use countersign_domain::Millis;

/// An agent has so long to answer. Milliseconds.
pub const CHALLENGE_MS: i64 = 2 * 60 * 1000;

impl Service {
    /// A challenge that counts once, for [`CHALLENGE_MS`].
    pub async fn challenge_agent(&self) -> Result<[u8; 32], AgentError> {
        let now = self.ports.clock.now();
        let challenge = self.ports.entropy.bytes32();
        self.ports.claims.put_challenge(challenge, Millis(now.0 + CHALLENGE_MS), now).await?;
        Ok(challenge)
    }
}
