//! People's addresses: whether they are theirs, and the way back in that they are.

use super::{Digest, Fate, NewLink, NewMail, StoreError};
use async_trait::async_trait;
use countersign_domain::{Act, Millis, PersonId, reading::Address};
use uuid::Uuid;

/// A link to a person's own address.
#[derive(Debug, Clone)]
pub struct PersonLink {
    pub person: PersonId,
    /// Their address now.
    pub email: String,
    /// The address that it was sent to.
    pub sent_to: String,
    pub fate: Fate,
}

/// Somebody forgot their password, or says so.
#[derive(Debug, Clone)]
pub struct RecoveryRequest {
    pub id: Uuid,
    pub email: String,
    /// The network address that it came from.
    pub address: String,
    pub at: Millis,
}

#[async_trait]
pub trait Addresses: Send + Sync {
    async fn of(&self, person: PersonId, now: Millis) -> Result<Address, StoreError>;
    /// Whose live session it is, in a tenant or in none, and their address.
    async fn of_session(&self, session: Digest, now: Millis, idle_ms: i64) -> Result<(PersonId, String), StoreError>;
    /// [`StoreError::Refused`] where the person would get around the single sign-on of an organization with this address.
    async fn check_move(&self, person: PersonId, email: &str) -> Result<(), StoreError>;
    /// Sends a link to `email`, and ends the links to confirm that the person had; where it is not their address yet,
    /// `notice` goes to the one that is.
    async fn ask(
        &self,
        person: PersonId,
        email: &str,
        link: NewLink,
        mails: Vec<NewMail>,
        act: Act,
    ) -> Result<(), StoreError>;
    /// [`StoreError::NotFound`] where there is no such link to confirm an address.
    async fn verification(&self, link: Digest, now: Millis) -> Result<PersonLink, StoreError>;
    /// Uses the link up: its address is the person's. [`StoreError::NotFound`] where it is not live, or another
    /// person's; [`StoreError::Taken`] where the address is somebody else's by now.
    async fn confirm(&self, link: Digest, person: PersonId, act: Act) -> Result<(), StoreError>;

    async fn request_recovery(&self, request: RecoveryRequest) -> Result<(), StoreError>;
    /// The request that waits for longest.
    async fn next_recovery(&self) -> Result<Option<RecoveryRequest>, StoreError>;
    /// How many links of the person to a new password are live.
    async fn live_recoveries(&self, person: PersonId, now: Millis) -> Result<u32, StoreError>;
    /// Answers a request, once: with a link and its mail, or with nothing.
    async fn answer_recovery(
        &self,
        request: &RecoveryRequest,
        answer: Option<(PersonId, NewLink, NewMail, Act)>,
    ) -> Result<(), StoreError>;
    /// A link to a new password that nobody mails: an operator asked for it.
    async fn put_recovery(&self, person: PersonId, email: &str, link: NewLink, act: Act) -> Result<(), StoreError>;
    /// [`StoreError::NotFound`] where there is no such link to a new password.
    async fn recovery(&self, link: Digest, now: Millis) -> Result<PersonLink, StoreError>;
    /// Uses the link up: the person has this password, all their sessions and other such links end, and `notice` is
    /// mailed. [`StoreError::NotFound`] where it is not live any more.
    async fn recover(&self, link: Digest, hash: &str, notice: NewMail, act: Act) -> Result<(), StoreError>;
}
