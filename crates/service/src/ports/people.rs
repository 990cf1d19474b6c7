//! People, their sessions, and the one-time set-up link.

use super::StoreError;
use crate::Client;
use async_trait::async_trait;
use countersign_domain::{Actor, Millis, PersonId, TenantId};

/// A SHA-256 of a secret: all that is kept of it.
pub type Digest = [u8; 32];

#[derive(Debug, Clone)]
pub struct PersonRecord {
    pub person: PersonId,
    pub password_hash: String,
}

/// The first founder and the tenant that comes with the founder.
#[derive(Debug, Clone)]
pub struct NewFounder {
    pub person: PersonId,
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub tenant_name: String,
    pub at: Millis,
}

#[derive(Debug, Clone)]
pub struct SessionRecord {
    pub id: Digest,
    pub person: PersonId,
    /// The password's hash that the person has proven to know.
    pub proven: String,
    pub client: Client,
    pub created_at: Millis,
    pub expires_at: Millis,
}

/// A session that has not ended.
#[derive(Debug, Clone)]
pub struct LiveSession {
    pub id: Digest,
    pub client: Client,
    pub created_at: Millis,
    pub used_at: Millis,
    pub expires_at: Millis,
}

#[async_trait]
pub trait People: Send + Sync {
    /// Whether the set-up link with this digest is live (unused, not expired at `now`).
    async fn set_up_link_is_live(&self, link: Digest, now: Millis) -> Result<bool, StoreError>;
    /// Makes this the only live set-up link.
    async fn put_set_up_link(&self, link: Digest, expires_at: Millis) -> Result<(), StoreError>;
    /// Whether anybody has been set up.
    async fn anybody(&self) -> Result<bool, StoreError>;
    /// Uses up the link and creates the founder, all or nothing. [`StoreError::NotFound`] where the
    /// link is not live any more.
    async fn create_founder(&self, link: Digest, founder: NewFounder) -> Result<TenantId, StoreError>;
    /// [`StoreError::NotFound`] where nobody has this address.
    async fn by_email(&self, email: &str) -> Result<PersonRecord, StoreError>;
    /// Opens a session. [`StoreError::NotFound`] where the person has another password by now.
    async fn put_session(&self, session: SessionRecord) -> Result<(), StoreError>;
    /// Who a live session belongs to, in the tenant they are looking at, and notes that it was used.
    /// A session idle for longer than `idle_ms` is not live.
    async fn actor(&self, session: Digest, now: Millis, idle_ms: i64) -> Result<Actor, StoreError>;
    /// The founder who was there first, for operators' commands. [`StoreError::NotFound`] before set-up.
    async fn first_founder(&self) -> Result<Actor, StoreError>;
    async fn end_session(&self, session: Digest) -> Result<(), StoreError>;
    /// The person's live sessions, the one last used first.
    async fn sessions(&self, person: PersonId, now: Millis, idle_ms: i64) -> Result<Vec<LiveSession>, StoreError>;
    /// Everybody, once for each tenant of theirs, by address; for operators' commands.
    async fn everybody(&self) -> Result<Vec<Actor>, StoreError>;
    /// Replaces the password's hash and ends all of the person's sessions, all or nothing.
    /// [`StoreError::NotFound`] where the hash is not `old` any more.
    async fn change_password(&self, person: PersonId, old: &str, new: &str, but: Digest) -> Result<(), StoreError>;
    /// As [`People::change_password`], whatever the old one was; forgets failed tries too.
    async fn reset_password(&self, person: PersonId, new: &str) -> Result<(), StoreError>;
    /// Ends all of the person's sessions but one; answers how many.
    async fn end_other_sessions(&self, person: PersonId, but: Digest) -> Result<u64, StoreError>;
    /// Counts one failed sign-in for `key` and answers how many there were within `window_ms`.
    async fn count_failure(&self, key: &str, now: Millis, window_ms: i64) -> Result<u32, StoreError>;
    /// How many failed sign-ins `key` had within `window_ms`.
    async fn failures(&self, key: &str, now: Millis, window_ms: i64) -> Result<u32, StoreError>;
}
