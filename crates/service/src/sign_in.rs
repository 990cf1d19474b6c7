//! From an address and a password to a session.

use crate::{
    Client, Error, Service,
    ports::{PersonRecord, SessionRecord, StoreError},
};
use countersign_domain::{Millis, email::Email};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// A session ends after so long, used or not (OWASP ASVS 5.0, 7.3.2).
const ABSOLUTE_MS: i64 = 12 * 60 * 60 * 1000;
/// Failed tries are counted over this long.
const WINDOW_MS: i64 = 15 * 60 * 1000;
/// Failed tries that one network address may make within the window.
const TRIES_PER_ADDRESS: u32 = 20;
/// Failed tries against one account, from one network address. Counting them per account alone would
/// let a stranger lock its owner out.
const TRIES_PER_ACCOUNT: u32 = 8;

/// A new session. Its token goes into the cookie and is kept nowhere else.
#[derive(Debug)]
pub struct SignedIn {
    pub token: String,
    pub expires_at: Millis,
    pub tenant_slug: String,
}

/// What is kept of a secret that a person carries.
pub(crate) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Service {
    /// Signs a person in. Wrong password and unknown address answer alike and take as long.
    pub async fn sign_in(&self, email: &str, password: &str, client: &Client) -> Result<SignedIn, Error> {
        let email: Email = email.parse().map_err(|error| Error::invalid("email", error))?;
        if password.is_empty() {
            return Err(Error::invalid("password", "Enter your password."));
        }
        let refused = || Error::invalid("password", "That e-mail address and password do not go together.");
        let known = self.check_password_of(&email, password, client).await?.ok_or_else(refused)?;
        match self.open_session(known, client).await {
            // The password was changed while this one was checked.
            Err(Error::NotFound) => Err(refused()),
            answer => answer,
        }
    }

    /// Whose address and password these are, with the hash that was compared. `None`, counted as a failed try, where they do not go together.
    pub(crate) async fn check_password_of(
        &self,
        email: &Email,
        password: &str,
        client: &Client,
    ) -> Result<Option<PersonRecord>, Error> {
        if password.len() > crate::set_up::MAX_PASSWORD {
            return Ok(None);
        }
        let by_address = format!("address:{}", client.address);
        let by_account = format!("account:{}:{}", email.as_str(), client.address);
        self.check_tries(&by_address, TRIES_PER_ADDRESS).await?;
        self.check_tries(&by_account, TRIES_PER_ACCOUNT).await?;

        let known = match self.ports.people.by_email(email.as_str()).await {
            Ok(person) => Some(person),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let kept = known.as_ref().map(|person| person.password_hash.clone());
        let right = self.passwords.verify(password.to_owned(), kept).await?;
        match known {
            Some(person) if right => Ok(Some(person)),
            _ => {
                let now = self.ports.clock.now();
                self.ports.people.count_failure(&by_address, now, WINDOW_MS).await?;
                self.ports.people.count_failure(&by_account, now, WINDOW_MS).await?;
                Ok(None)
            }
        }
    }

    async fn check_tries(&self, key: &str, limit: u32) -> Result<(), Error> {
        let now = self.ports.clock.now();
        if self.ports.people.failures(key, now, WINDOW_MS).await? >= limit {
            return Err(Error::Throttled { retry_after_s: 900 });
        }
        Ok(())
    }

    pub(crate) async fn open_session(&self, known: PersonRecord, client: &Client) -> Result<SignedIn, Error> {
        let now = self.ports.clock.now();
        let token = BASE64URL_NOPAD.encode(&self.ports.entropy.bytes32());
        let expires_at = Millis(now.0 + ABSOLUTE_MS);
        let PersonRecord { person, password_hash: proven } = known;
        let client = client.clone();
        let session = SessionRecord { id: digest(&token), person, proven, client, created_at: now, expires_at };
        self.ports.people.put_session(session).await?;
        let actor = self.authenticate(Some(&token)).await?;
        Ok(SignedIn { token, expires_at, tenant_slug: actor.tenant_slug })
    }
}
