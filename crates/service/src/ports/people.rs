//! People, their sessions, and the one-time set-up link.

use super::{NewLink, NewMail, StoreError};
use async_trait::async_trait;
use countersign_domain::{Act, Actor, Millis, PersonId, TenantId, account::AccountAct};

/// A SHA-256 of a secret: all that is kept of it.
pub type Digest = [u8; 32];

#[derive(Debug, Clone)]
pub struct PersonRecord {
    pub person: PersonId,
    /// None: the person has no password.
    pub password_hash: Option<String>,
    /// Whether a code is asked for after the password.
    pub has_codes: bool,
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
    /// By which the founder's address is confirmed.
    pub verification: (NewLink, NewMail),
}

/// A new password, proven by the old one.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    pub person: PersonId,
    /// The hashes before and after.
    pub old: String,
    pub new: String,
    /// The session that goes on, and the id that it goes on with.
    pub session: Digest,
    pub renewed: Digest,
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
    /// The founder who was there first, in a tenant or in any, for operators' commands. [`StoreError::NotFound`] before
    /// set-up.
    async fn first_founder(&self, tenant: Option<TenantId>) -> Result<Actor, StoreError>;
    /// Everybody, once for each tenant of theirs, by address; for operators' commands.
    async fn everybody(&self) -> Result<Vec<Actor>, StoreError>;
    /// Replaces the password's hash, ends all of the person's sessions but one and gives that one another id, all or
    /// nothing. [`StoreError::NotFound`] where the hash is not `old` any more.
    async fn change_password(&self, change: PasswordChange, act: Act) -> Result<(), StoreError>;
    /// Replaces the password's hash whatever it was, ends all of the person's sessions, and forgets browsers and tries.
    async fn reset_password(&self, person: PersonId, new: &str, act: Act) -> Result<(), StoreError>;
    /// Journals what happened to an account, in every tenant of the person.
    async fn note(&self, person: PersonId, what: AccountAct, act: Act) -> Result<(), StoreError>;
}
