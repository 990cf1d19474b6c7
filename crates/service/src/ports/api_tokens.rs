//! Tokens of the REST API.

use super::{Digest, StoreError};
use async_trait::async_trait;
use countersign_domain::{Act, Actor, ApiTokenId, Millis, TenantId, api_token::Scope, reading::TokenRow};

#[derive(Debug, Clone)]
pub struct NewToken {
    pub id: ApiTokenId,
    pub digest: Digest,
    /// The last characters of its text.
    pub tail: String,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub expires_at: Millis,
    pub act: Act,
}

#[async_trait]
pub trait ApiTokens: Send + Sync {
    /// Keeps and journals it. [`StoreError::Taken`] where one with this id was made.
    async fn make(&self, tenant: TenantId, token: NewToken) -> Result<(), StoreError>;
    /// All that live, and those that ended within 90 days; the newest first, at most 200.
    async fn list(&self, tenant: TenantId, now: Millis) -> Result<Vec<TokenRow>, StoreError>;
    /// Ends and journals it. [`StoreError::Refused`] where it was revoked before.
    async fn revoke(&self, tenant: TenantId, id: ApiTokenId, act: Act) -> Result<(), StoreError>;
    /// In whose name a live token speaks, with the role that the person has now, and notes that it was used
    /// from the address `from`. [`StoreError::NotFound`] where it has expired, was revoked, or the person has left.
    async fn actor(
        &self,
        tenant: TenantId,
        digest: Digest,
        from: &str,
        now: Millis,
    ) -> Result<(ApiTokenId, Actor), StoreError>;
}
