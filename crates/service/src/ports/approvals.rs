//! What was approved, as an agent that runs with it may ask.

use super::{AgentActor, StoreError};
use async_trait::async_trait;
use countersign_domain::{Millis, artifact::ArtifactHash};

/// The role file that an agent's credential was compiled from.
#[derive(Debug, Clone)]
pub struct RunningRole {
    pub sha256: ArtifactHash,
    pub text: String,
}

#[async_trait]
pub trait Approvals: Send + Sync {
    /// `None` for a credential from before there were reviews.
    async fn running(&self, actor: &AgentActor) -> Result<Option<RunningRole>, StoreError>;
    /// Lets the actor's credential live until `expires_at`, journals that, and answers its public key.
    /// [`StoreError::Refused`] where the approval of its role file stands no longer, or the agent is stopped.
    async fn renew(&self, actor: &AgentActor, at: Millis, expires_at: Millis) -> Result<String, StoreError>;
}
