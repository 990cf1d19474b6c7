//! Mails to people: the outbox, and what carries them out of the house.

use super::{Digest, StoreError};
use async_trait::async_trait;
use countersign_domain::{Act, MailId, Millis, PersonId, TenantId, mail::MailKind, reading::MailRow};
use secrecy::SecretString;

/// A mail to be written with what causes it.
#[derive(Debug, Clone)]
pub struct NewMail {
    pub id: MailId,
    pub kind: MailKind,
    pub to: String,
    pub subject: String,
    /// Its text, sealed under [`seal_name`].
    pub sealed: Vec<u8>,
    /// The tenant that it is about, or the person whose account it is about.
    pub tenant: Option<TenantId>,
    pub person: Option<PersonId>,
    pub at: Millis,
    /// After that it is of no use.
    pub until: Millis,
}

/// A link to be mailed: what is kept of it.
#[derive(Debug, Clone, Copy)]
pub struct NewLink {
    pub digest: Digest,
    pub until: Millis,
}

/// What the text of a mail is sealed under.
pub fn seal_name(mail: MailId) -> String {
    format!("mail:{mail}")
}

/// A mail whose turn it is.
#[derive(Debug, Clone)]
pub struct DueMail {
    pub id: MailId,
    pub kind: MailKind,
    pub to: String,
    pub subject: String,
    pub sealed: Vec<u8>,
    /// This one included.
    pub tries: u32,
}

/// What became of a try.
#[derive(Debug, Clone)]
pub enum Tried {
    Sent,
    /// It failed for this reason, and is due again, or never.
    Failed {
        why: String,
        again_at: Option<Millis>,
    },
    /// There is no mail server: it waits until there is one.
    Held,
}

#[async_trait]
pub trait Post: Send + Sync {
    /// The mail that is due for longest, counted as tried: nobody else gets it before `again_at`.
    async fn take(&self, now: Millis, again_at: Millis) -> Result<Option<DueMail>, StoreError>;
    /// What became of the try. The text of a mail that was sent or given up is forgotten.
    async fn note(&self, mail: MailId, tried: Tried, now: Millis) -> Result<(), StoreError>;
    /// There is a mail server now: what was held is due.
    async fn release(&self, now: Millis) -> Result<(), StoreError>;
    /// Gives up mails that are of no use any more, and forgets what is older than `before`.
    async fn tidy(&self, now: Millis, before: Millis) -> Result<(), StoreError>;
    /// The newest mails about the tenant and its members' accounts.
    async fn list(&self, tenant: TenantId, most: u32) -> Result<Vec<MailRow>, StoreError>;
    /// Notes, in the journal too, that somebody reads a mail about the tenant. [`StoreError::NotFound`] where it is about
    /// a person's account, about another tenant, or not kept.
    async fn show(&self, tenant: TenantId, mail: MailId, act: Act) -> Result<(), StoreError>;
    /// The sealed texts of the tenant's mails that the person asked to read since then.
    async fn shown(&self, tenant: TenantId, to: PersonId, since: Millis) -> Result<Vec<(MailId, Vec<u8>)>, StoreError>;
}

/// A mail as it leaves.
#[derive(Debug)]
pub struct Outgoing {
    /// The same at every try, so that a mail that was sent twice is known as one.
    pub id: MailId,
    pub to: String,
    pub subject: String,
    pub text: SecretString,
}

/// Why a mail server did not take a mail, in a sentence of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Another try may go well.
    #[error("{0}")]
    Later(String),
    /// It was refused for good.
    #[error("{0}")]
    Never(String),
}

/// Gives mails to a mail server.
#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: Outgoing) -> Result<(), MailError>;
}
