//! The way back in for somebody who forgot their password.

use crate::{
    Client, Error, Service,
    mail::{About, password_notice, recovery},
    ports::{Fate, NewLink, PersonLink, RecoveryRequest, StoreError},
    set_up::check_password,
    sign_in::digest,
};
use countersign_domain::{How, Millis, PersonId, Via, email::Email};

/// A link to a new password works for so long.
const LINK_MS: i64 = 30 * 60 * 1000;
/// A notice is worth sending for so long.
const NOTICE_MS: i64 = 3 * 24 * 60 * 60 * 1000;
/// Requests, and passwords by a link, that one network address may send within the window.
const PER_ADDRESS: u32 = 10;
/// Links that one account has at once. A stranger who asks for more brings nobody more mail; those that were sent work.
const MOST_LIVE: u32 = 3;

const OVER: &str = "This link does not work any more. Ask for another.";

impl Service {
    /// Asks for a link to a new password. The answer is the same, and takes as long, whether anybody has this address:
    /// that is found out by [`Self::answer_recoveries`], later.
    pub async fn ask_recovery(&self, email: &str, client: &Client) -> Result<(), Error> {
        let email: Email = email.parse().map_err(|error| Error::invalid("email", error))?;
        self.take_try_of_address("recovery", client, PER_ADDRESS).await?;
        let at = self.ports.clock.now();
        let id = self.ports.entropy.uuid(at);
        let (email, address) = (email.as_str().to_owned(), client.address.clone());
        Ok(self.ports.addresses.request_recovery(RecoveryRequest { id, email, address, at }).await?)
    }

    /// Answers the requests that wait: with a mail where there is such a person. Any number of replicas may do so.
    pub async fn answer_recoveries(&self) -> Result<(), Error> {
        while let Some(request) = self.ports.addresses.next_recovery().await? {
            let answer = match self.ports.people.by_email(&request.email).await {
                Ok(known) => self.recovery_mail(known.person, &request).await?,
                Err(StoreError::NotFound) => None,
                Err(error) => return Err(error.into()),
            };
            self.ports.addresses.answer_recovery(&request, answer).await?;
        }
        Ok(())
    }

    async fn recovery_mail(
        &self,
        person: PersonId,
        request: &RecoveryRequest,
    ) -> Result<Option<(PersonId, NewLink, crate::ports::NewMail, countersign_domain::Act)>, Error> {
        let now = self.ports.clock.now();
        if self.ports.addresses.live_recoveries(person, now).await? >= MOST_LIVE {
            return Ok(None);
        }
        let to: Email = request.email.parse().map_err(|error| Error::invalid("email", error))?;
        let (token, until) = (self.new_token(), Millis(now.0 + LINK_MS));
        let draft = recovery(&self.link("recover", &token), &request.address, until);
        let mail = self.seal_mail(draft, &to, About::Person(person), until)?;
        let act = self.own_act(person, Via::new(How::Link, request.address.clone()));
        Ok(Some((person, NewLink { digest: digest(&token), until }, mail, act)))
    }

    /// The address of a new link to a new password, for an operator with access to the database to hand on.
    pub async fn new_recovery_link(&self, email: &str) -> Result<String, Error> {
        let email: Email = email.parse().map_err(|error| Error::invalid("email", error))?;
        let person = self.ports.people.by_email(email.as_str()).await?.person;
        let token = self.new_token();
        let link = NewLink { digest: digest(&token), until: Millis(self.ports.clock.now().0 + LINK_MS) };
        let act = self.own_act(person, Via::new(How::Operator, String::new()));
        self.ports.addresses.put_recovery(person, email.as_str(), link, act).await?;
        Ok(self.link("recover", &token))
    }

    /// Whose address a link to a new password was sent to. [`Error::Conflict`] says that it does not work (any more).
    pub async fn read_recovery(&self, token: &str) -> Result<String, Error> {
        Ok(self.recovery_of(token).await?.email)
    }

    /// Sets a new password by a link and ends all sessions of its person. Codes and passkeys stay.
    pub async fn recover(&self, token: &str, password: String, client: &Client) -> Result<(), Error> {
        self.take_try_of_address("recover", client, PER_ADDRESS).await?;
        let link = self.recovery_of(token).await?;
        let email: Email = link.email.parse().map_err(|error| Error::invalid("password", error))?;
        check_password("password", &password, &email)?;
        let hash = self.passwords.hash(password, self.ports.entropy.bytes32()).await?;
        let until = Millis(self.ports.clock.now().0 + NOTICE_MS);
        let draft = password_notice(&client.address, &self.ports.connect.console_url);
        let notice = self.seal_mail(draft, &email, About::Person(link.person), until)?;
        match self.ports.addresses.recover(digest(token), &hash, notice, self.by_link(link.person, client)).await {
            // Somebody was quicker.
            Err(StoreError::NotFound) => Err(Error::Conflict(OVER.to_owned())),
            answer => Ok(answer?),
        }
    }

    async fn recovery_of(&self, token: &str) -> Result<PersonLink, Error> {
        match self.ports.addresses.recovery(digest(token), self.ports.clock.now()).await {
            Ok(link) if link.fate == Fate::Live => Ok(link),
            Ok(_) | Err(StoreError::NotFound) => Err(Error::Conflict(OVER.to_owned())),
            Err(error) => Err(error.into()),
        }
    }
}
