//! Answers that are kept, so that a request said twice is done once.

use super::{Digest, StoreError};
use async_trait::async_trait;
use countersign_domain::{ApiTokenId, Millis, TenantId};
use uuid::Uuid;

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    pub status: u16,
    /// Where the thing that was made is.
    pub location: Option<String>,
    /// JSON text.
    pub body: String,
}

/// What is known of a request by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// It is to be done now. What it makes gets this id: the same each time, so that what was made before a
    /// crash is found and not made again.
    Now(Uuid),
    /// It was done, and answered so.
    Done(KeptAnswer),
    /// Somebody is doing it.
    UnderWay,
    /// The key belongs to another request.
    Other,
}

/// A request by the key that its sender gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    pub token: ApiTokenId,
    pub key: String,
    /// Of all that was asked.
    pub request: Digest,
}

#[async_trait]
pub trait KeptAnswers: Send + Sync {
    /// Takes the request in hand, unless it is done or somebody took it in hand after `stale`. `fresh` becomes
    /// its id where it has none. Forgets what was asked before `forget`.
    async fn begin(
        &self,
        tenant: TenantId,
        asked: &RequestKey,
        fresh: Uuid,
        now: Millis,
        (stale, forget): (Millis, Millis),
    ) -> Result<Once, StoreError>;
    async fn keep(&self, tenant: TenantId, asked: &RequestKey, answer: KeptAnswer) -> Result<(), StoreError>;
    /// It is not known what became of it: whoever asks again is to do it, with the same id.
    async fn put_back(&self, tenant: TenantId, asked: &RequestKey) -> Result<(), StoreError>;
    /// It was refused and changed nothing: the key is free again.
    async fn free(&self, tenant: TenantId, asked: &RequestKey) -> Result<(), StoreError>;
}
