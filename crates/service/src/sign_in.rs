//! From an address and a password to a session.

use crate::{
    Client, Error, Service,
    ports::{PersonRecord, SessionRecord, StoreError},
    start_sso::no_password,
};
use countersign_domain::{How, Millis, PersonId, TenantId, Via, account::AccountAct, email::Email};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::time::Instant;

/// A sign-in in vain is answered after so long: a refusal of somebody who is known is journaled first, and the answer to
/// an address that nobody has must take as long (OWASP ASVS 5.0, 6.3.8).
const REFUSED_AFTER: Duration = Duration::from_millis(300);

/// A session ends after so long, used or not (OWASP ASVS 5.0, 7.3.2).
const ABSOLUTE_MS: i64 = 12 * 60 * 60 * 1000;

/// A new session. Its token goes into the cookie and is kept nowhere else.
#[derive(Debug)]
pub struct SignedIn {
    pub token: String,
    pub expires_at: Millis,
    /// Of the tenant that they used last; empty for somebody who belongs to none.
    pub tenant_slug: String,
    /// For a browser that is new to this person: what it is known by from now on, in a cookie that stays.
    pub mark: Option<String>,
}

/// How a sign-in goes on after the password.
#[derive(Debug)]
pub enum SignInStep {
    Done(SignedIn),
    /// A code is asked for; it is to come with this.
    Code(String),
}

/// Somebody who has proven to be this person.
#[derive(Debug, Clone)]
pub struct Proven {
    pub person: PersonId,
    pub how: How,
    /// The password's hash that was compared, where a password was the proof.
    pub password_hash: Option<String>,
}

impl Proven {
    /// Proven by something else than a password.
    pub fn by(person: PersonId, how: How) -> Self {
        Self { person, how, password_hash: None }
    }
}

/// What is kept of a secret that a person carries.
pub(crate) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Service {
    /// Signs a person in. Wrong password and unknown address answer alike and take as long.
    pub async fn sign_in(&self, email: &str, password: &str, client: &Client) -> Result<SignInStep, Error> {
        let email: Email = email.parse().map_err(|error| Error::invalid("email", error))?;
        if password.is_empty() {
            return Err(Error::invalid("password", "Enter your password."));
        }
        let answered_at = Instant::now() + REFUSED_AFTER;
        let refused = || Error::invalid("password", "That e-mail address and password do not go together.");
        let Some(known) = self.check_password_of(&email, password, client).await? else {
            tokio::time::sleep_until(answered_at).await;
            // Where passwords do not count, the answer to a wrong one is that to a right one.
            let enforced = self.sso_of_address(email.as_str()).await?.is_some_and(|offer| offer.enforced);
            return Err(if enforced { no_password() } else { refused() });
        };
        self.check_way_in(known.person, How::Password, client).await?;
        if known.has_codes {
            return Ok(SignInStep::Code(self.ask_for_code(known).await?));
        }
        let proven = Proven { person: known.person, how: How::Password, password_hash: known.password_hash };
        match self.open_session(proven, client).await {
            // The password was changed while this one was checked.
            Err(Error::NotFound) => Err(refused()),
            answer => answer.map(SignInStep::Done),
        }
    }

    /// Whose address and password these are, with the hash that was compared. `None`, counted as a try in vain, where
    /// they do not go together.
    pub(crate) async fn check_password_of(
        &self,
        email: &Email,
        password: &str,
        client: &Client,
    ) -> Result<Option<PersonRecord>, Error> {
        if password.len() > crate::set_up::MAX_PASSWORD {
            return Ok(None);
        }
        let known = match self.ports.people.by_email(email.as_str()).await {
            Ok(person) => Some(person),
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let taken = self.take_try(email.as_str(), known.as_ref().map(|person| person.person), client).await?;
        let kept = known.as_ref().and_then(|person| person.password_hash.clone());
        let right = self.passwords.verify(password.to_owned(), kept).await?;
        match known {
            Some(person) if right => {
                self.give_back(taken).await?;
                Ok(Some(person))
            }
            Some(person) => {
                self.refuse(person.person, How::Password, client).await?;
                Ok(None)
            }
            None => Ok(None),
        }
    }

    /// Journals that somebody tried to prove to be this person, in vain.
    pub(crate) async fn refuse(&self, person: PersonId, with: How, client: &Client) -> Result<(), Error> {
        let act = self.own_act(person, Via::new(with, client.address.clone()));
        Ok(self.ports.people.note(person, AccountAct::SignInRefused { with }, act).await?)
    }

    /// Starts a session for whoever has proven to be this person, and remembers their browser.
    pub async fn open_session(&self, proven: Proven, client: &Client) -> Result<SignedIn, Error> {
        self.check_way_in(proven.person, proven.how, client).await?;
        self.open_session_of(proven, None, client).await
    }

    /// As [`Self::open_session`], whatever the person's tenants demand. `provider` is the tenant whose provider vouches
    /// for them, and when they proved to that who they are.
    pub(crate) async fn open_session_of(
        &self,
        proven: Proven,
        provider: Option<(TenantId, Millis)>,
        client: &Client,
    ) -> Result<SignedIn, Error> {
        let now = self.ports.clock.now();
        let token = self.new_token();
        let expires_at = Millis(now.0 + ABSOLUTE_MS);
        let Proven { person, how, password_hash } = proven;
        let session = SessionRecord {
            id: digest(&token),
            person,
            how,
            proven: password_hash,
            provider: provider.map(|(tenant, _)| tenant),
            proven_at: provider.map_or(now, |(_, at)| at),
            client: client.clone(),
            created_at: now,
            expires_at,
        };
        self.ports.sessions.open(session).await?;
        // The browser forgets the name of the one from before; so does the server (OWASP ASVS 5.0, 7.2.4).
        if let Some(before) = client.session {
            self.ports.sessions.end(before, None).await?;
        }
        let tenant_slug = match self.authenticate(Some(&token), None, client).await {
            Ok(actor) => actor.tenant_slug,
            // Somebody who was removed everywhere, and may be about to join.
            Err(Error::NotFound) => String::new(),
            Err(error) => return Err(error),
        };
        let mark = match &client.mark {
            Some(mark) => {
                self.ports.tries.remember(person, digest(mark), now).await?;
                None
            }
            None => {
                let mark = self.new_token();
                self.ports.tries.remember(person, digest(&mark), now).await?;
                Some(mark)
            }
        };
        Ok(SignedIn { token, expires_at, tenant_slug, mark })
    }

    /// A secret that cannot be guessed.
    pub(crate) fn new_token(&self) -> String {
        BASE64URL_NOPAD.encode(&self.ports.entropy.bytes32())
    }
}
