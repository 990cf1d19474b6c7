//! Who is signed in.

use super::{Digest, StoreError};
use crate::Client;
use async_trait::async_trait;
use countersign_domain::{Act, Actor, How, Millis, PersonId, TenantId};

#[derive(Debug, Clone)]
pub struct SessionRecord {
    pub id: Digest,
    pub person: PersonId,
    pub how: How,
    /// The password's hash that the person has proven to know, where it was that.
    pub proven: Option<String>,
    /// The tenant whose identity provider vouches for the person.
    pub provider: Option<TenantId>,
    /// When the person proved who they are.
    pub proven_at: Millis,
    pub client: Client,
    pub created_at: Millis,
    pub expires_at: Millis,
}

/// A session that has not ended.
#[derive(Debug, Clone)]
pub struct LiveSession {
    pub id: Digest,
    pub client: Client,
    pub how: How,
    pub created_at: Millis,
    pub used_at: Millis,
    pub expires_at: Millis,
}

/// A tenant of a session's person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionTenant {
    pub id: TenantId,
    pub slug: String,
    pub name: String,
    /// Whether the session opens it.
    pub opens: bool,
    /// Whether the person enters it by its identity provider alone.
    pub by_sso: bool,
}

/// Which session is asked about, and when.
#[derive(Debug, Clone)]
pub struct SessionQuery {
    pub id: Digest,
    /// A tenant by the name in the address; none is the one that the person used last.
    pub tenant: Option<String>,
    pub now: Millis,
    /// A session idle for longer is not live.
    pub idle_ms: i64,
    /// Where the request came from.
    pub from: String,
    /// Whether it counts as use. What a page does by itself does not: nobody may be there.
    pub is_use: bool,
}

#[async_trait]
pub trait Sessions: Send + Sync {
    /// Opens a session and journals that. [`StoreError::NotFound`] where the person is not there any more, or has
    /// another password by now.
    async fn open(&self, session: SessionRecord) -> Result<(), StoreError>;
    /// Who a live session belongs to, in a tenant; notes its use where it is one. None where that tenant is not theirs, or not open to
    /// this session: one that a provider opened opens no tenant but the provider's, until its person has proven who they
    /// are in a way of their own;
    /// [`StoreError::NotFound`] where no such session lives.
    async fn actor(&self, query: SessionQuery) -> Result<Option<Actor>, StoreError>;
    /// All tenants of the session's person, by name.
    async fn tenants(&self, session: Digest) -> Result<Vec<SessionTenant>, StoreError>;
    /// The person of the session has proven again who they are: it goes on under another id.
    /// [`StoreError::NotFound`] where it has ended.
    async fn renew(&self, session: Digest, renewed: Digest, how: How, at: Millis) -> Result<(), StoreError>;
    /// Ends a session. One that is not there changes nothing.
    async fn end(&self, session: Digest, act: Option<Act>) -> Result<(), StoreError>;
    /// The person's live sessions, the one last used first.
    async fn of(&self, person: PersonId, now: Millis, idle_ms: i64) -> Result<Vec<LiveSession>, StoreError>;
    /// Ends all of the person's sessions but one; answers how many.
    async fn end_others(&self, but: Digest, act: Act) -> Result<u64, StoreError>;
}
