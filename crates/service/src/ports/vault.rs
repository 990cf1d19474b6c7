//! Secrets of the product's own that must survive restarts.

use super::StoreError;
use async_trait::async_trait;
use secrecy::SecretString;

/// Keeps secrets sealed at rest.
#[async_trait]
pub trait Vault: Send + Sync {
    /// The secret kept under `name`; where there is none, `fresh` is kept and answered. When two
    /// processes race, both get the one that won.
    async fn keep(&self, name: &str, fresh: SecretString) -> Result<SecretString, StoreError>;
    /// The secret kept under `name`, if there is one.
    async fn find(&self, name: &str) -> Result<Option<SecretString>, StoreError>;
}
