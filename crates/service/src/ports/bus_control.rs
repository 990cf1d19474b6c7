//! What the console asks of the bus.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{AgentName, Millis, TenantId, reading::BusHealth};
use countersign_role::{Powers, probe::Attempt};

/// Why the bus did not do it.
#[derive(Debug, thiserror::Error)]
#[error("the bus is not answering: {0}")]
pub struct BusError(pub String);

/// A new bus identity. Its text is handed out once and kept nowhere.
#[derive(Debug)]
pub struct MintedCredential {
    pub public_key: String,
    /// The credentials file.
    pub creds: secrecy::SecretString,
}

/// Who an agent has shown to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenAgent {
    pub tenant: TenantId,
    /// Public nkey (`U…`) of its credential.
    pub public_key: String,
}

/// Why a proof does not count.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The text is for the log alone: who tries to get in learns nothing from it.
    #[error("{0}")]
    Refused(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[async_trait]
pub trait BusControl: Send + Sync {
    /// Makes a credential that may do on the bus what `powers` says. Works while the bus is down.
    async fn mint(&self, tenant: TenantId, powers: &Powers, expires_at: Millis) -> Result<MintedCredential, BusError>;
    /// New claims for a key that is there already.
    async fn renew(
        &self,
        tenant: TenantId,
        powers: &Powers,
        public_key: &str,
        expires_at: Millis,
    ) -> Result<String, BusError>;
    /// Tries all of `attempts` on the real bus with a throw-away credential of `powers`; answers in their order
    /// whether the bus refused each.
    async fn probe(&self, tenant: TenantId, powers: &Powers, attempts: &[Attempt]) -> Result<Vec<bool>, BusError>;
    /// Who signed `challenge`: the holder of the credential with the claims `jwt`, which must be signed by its
    /// tenant's signing key and not have expired. Whether the credential was revoked is not the bus's to say.
    async fn prove_agent(&self, jwt: &str, challenge: &[u8], signature: &[u8]) -> Result<ProvenAgent, ProofError>;
    /// Makes sure that the agent's queue exists and has the wanted settings.
    async fn provision(&self, tenant: TenantId, agent: &AgentName) -> Result<(), BusError>;
    /// Tells the bus the keys that must not connect any more, all of them; whoever is connected with
    /// one is cut off at once.
    async fn revoke(&self, tenant: TenantId, revoked: Vec<(String, Millis)>) -> Result<(), BusError>;
    fn health(&self) -> BusHealth;
}
