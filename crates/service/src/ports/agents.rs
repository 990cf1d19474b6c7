//! Agents and their credentials.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::{
    Act, AgentName, CredentialId, Millis, TenantId,
    artifact::ArtifactHash,
    reading::{AgentRow, CredentialRow, Uptime},
};

#[derive(Debug, Clone)]
pub struct NewCredential {
    pub id: CredentialId,
    /// Public nkey (`U…`).
    pub public_key: String,
    /// The approved role file that it is compiled from.
    pub role: ArtifactHash,
    pub act: Act,
    pub expires_at: Millis,
}

#[derive(Debug, Clone)]
pub struct CredentialRecord {
    pub agent: AgentName,
    pub public_key: String,
    pub revoked_at: Option<Millis>,
}

#[async_trait]
pub trait Agents: Send + Sync {
    async fn names(&self, tenant: TenantId) -> Result<Vec<AgentName>, StoreError>;
    async fn delegates(&self, tenant: TenantId, agent: &AgentName) -> Result<Vec<AgentName>, StoreError>;
    /// [`StoreError::Refused`] where the role file is not approved (any more), or the agent is stopped.
    async fn add_credential(
        &self,
        tenant: TenantId,
        agent: &AgentName,
        credential: NewCredential,
    ) -> Result<(), StoreError>;
    async fn credential(&self, tenant: TenantId, id: CredentialId) -> Result<CredentialRecord, StoreError>;
    /// Marks it revoked (once; a second time changes nothing) and journals it.
    async fn revoke_credential(&self, tenant: TenantId, id: CredentialId, act: Act) -> Result<(), StoreError>;
    /// Newest first.
    async fn credentials(&self, tenant: TenantId, agent: &AgentName) -> Result<Vec<CredentialRow>, StoreError>;
    /// The fleet in order of name, or one agent of it. `now` is for expiry and for what happened
    /// today.
    async fn fleet(&self, tenant: TenantId, only: Option<&AgentName>, now: Millis)
    -> Result<Vec<AgentRow>, StoreError>;
    /// That of all agents together.
    async fn uptime(&self, tenant: TenantId) -> Result<Option<Uptime>, StoreError>;
    /// Every revoked public key of the tenant that has not expired at `now`, with the second of its
    /// revocation: what the account's claims must carry.
    async fn revocations(&self, tenant: TenantId, now: Millis) -> Result<Vec<(String, Millis)>, StoreError>;
}
