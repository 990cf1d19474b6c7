//! What people prove with, beside a password.

use super::{Digest, StoreError};
use async_trait::async_trait;
use countersign_domain::{Act, Millis, PersonId};

/// A passkey. Only its public half is here.
#[derive(Debug, Clone)]
pub struct PasskeyRecord {
    pub id: Vec<u8>,
    pub person: PersonId,
    pub name: String,
    /// As the library keeps it.
    pub credential: String,
    pub created_at: Millis,
    pub used_at: Option<Millis>,
}

/// What a browser was asked to prove. It is answered once, and soon.
#[derive(Debug, Clone)]
pub struct Ceremony {
    /// What it is for: an answer to another question does not count.
    pub purpose: &'static str,
    /// Who is asked, where that is known.
    pub person: Option<PersonId>,
    pub state: String,
    pub expires_at: Millis,
}

/// The secret that an authenticator app shares.
#[derive(Debug, Clone)]
pub struct CodeSecret {
    pub sealed: Vec<u8>,
    /// When the first code of it was seen; before, it does not count.
    pub confirmed_at: Option<Millis>,
}

#[async_trait]
pub trait Factors: Send + Sync {
    async fn put_ceremony(&self, id: Digest, ceremony: Ceremony) -> Result<(), StoreError>;
    /// Whom the ceremony is about, and its state. [`StoreError::NotFound`] where there is none for this purpose any more.
    async fn find_ceremony(
        &self,
        id: Digest,
        purpose: &str,
        now: Millis,
    ) -> Result<(Option<PersonId>, String), StoreError>;
    /// As [`Factors::find_ceremony`], and ends it: of two who take it, one gets it.
    async fn take_ceremony(
        &self,
        id: Digest,
        purpose: &str,
        now: Millis,
    ) -> Result<(Option<PersonId>, String), StoreError>;

    /// In the order in which they were added.
    async fn passkeys(&self, person: PersonId) -> Result<Vec<PasskeyRecord>, StoreError>;
    async fn passkey(&self, id: &[u8]) -> Result<PasskeyRecord, StoreError>;
    /// [`StoreError::Taken`] where it is known already.
    async fn add_passkey(&self, passkey: PasskeyRecord, act: Act) -> Result<(), StoreError>;
    /// Notes its use, and what the library keeps of it if that has changed.
    async fn use_passkey(&self, id: &[u8], credential: Option<String>, at: Millis) -> Result<(), StoreError>;
    /// [`StoreError::NotFound`] where it is not the person's; [`StoreError::Refused`] where nothing else would let the
    /// person in.
    async fn remove_passkey(&self, person: PersonId, id: &[u8], act: Act) -> Result<(), StoreError>;

    async fn code_secret(&self, person: PersonId) -> Result<Option<CodeSecret>, StoreError>;
    /// Keeps a secret that no code was seen of yet, in place of another such. [`StoreError::Refused`] where one counts.
    async fn put_code_secret(&self, person: PersonId, sealed: Vec<u8>) -> Result<(), StoreError>;
    /// The first code was seen, of that `step`: from now on codes are asked for.
    async fn confirm_codes(
        &self,
        person: PersonId,
        step: u64,
        recovery: Vec<Digest>,
        act: Act,
    ) -> Result<(), StoreError>;
    /// Uses up all codes up to that of `step`; false where they were used up before.
    async fn use_step(&self, person: PersonId, step: u64) -> Result<bool, StoreError>;
    /// Codes are not asked for any more.
    async fn drop_codes(&self, person: PersonId, act: Act) -> Result<(), StoreError>;

    /// These recovery codes count, and none from before.
    async fn replace_recovery_codes(&self, person: PersonId, codes: Vec<Digest>, act: Act) -> Result<(), StoreError>;
    /// Uses a recovery code up; answers how many are left. None where there is no such code.
    async fn use_recovery_code(&self, person: PersonId, code: Digest, act: Act) -> Result<Option<u32>, StoreError>;
    async fn recovery_codes_left(&self, person: PersonId) -> Result<u32, StoreError>;
}
