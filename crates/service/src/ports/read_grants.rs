//! What agents may read beside what is their own.

use super::{AgentActor, StoreError};
use async_trait::async_trait;
use countersign_domain::artifact::LabelPattern;

#[async_trait]
pub trait ReadGrants: Send + Sync {
    /// The labels, of whichever agent, behind which it may read artifacts.
    async fn reads(&self, actor: &AgentActor) -> Result<Vec<LabelPattern>, StoreError>;
}

/// Grants nothing: where no role file says what an agent reads, it reads its own.
#[derive(Debug, Clone, Copy)]
pub struct OwnAlone;

#[async_trait]
impl ReadGrants for OwnAlone {
    async fn reads(&self, _: &AgentActor) -> Result<Vec<LabelPattern>, StoreError> {
        Ok(Vec::new())
    }
}
