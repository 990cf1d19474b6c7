//! A person's address: that it is theirs, and another one.

use crate::{
    Client, Error, Service,
    mail::{About, address_notice, verification},
    policy::Action,
    ports::{Fate, NewLink, NewMail, PersonLink, StoreError},
    sign_in::digest,
};
use countersign_domain::{Actor, Millis, PersonId, email::Email, reading::Address};

/// A link to confirm an address works for so long.
const LINK_MS: i64 = 24 * 60 * 60 * 1000;
/// Links that a person may ask for within the window.
const PER_PERSON: u32 = 5;

const OVER: &str = "This link does not work any more. Ask for another under “Your security”.";

impl Service {
    pub async fn read_address(&self, actor: &Actor) -> Result<Address, Error> {
        self.allow(actor, Action::ConfirmOwnAddress)?;
        Ok(self.ports.addresses.of(actor.person, self.ports.clock.now()).await?)
    }

    /// Sends a link to the actor's address, by which they confirm that it is theirs.
    pub async fn ask_verification(&self, actor: &Actor) -> Result<(), Error> {
        self.allow(actor, Action::ConfirmOwnAddress)?;
        let email: Email = actor.email.parse().map_err(|error| Error::invalid("email", error))?;
        if self.ports.addresses.of(actor.person, self.ports.clock.now()).await?.verified_at.is_some() {
            return Err(Error::Conflict("Your address is confirmed already.".to_owned()));
        }
        self.count_verification(actor.person).await?;
        let (link, mail) = self.verification_mail(actor.person, &email)?;
        Ok(self.ports.addresses.ask(actor.person, email.as_str(), link, vec![mail], self.act(actor)).await?)
    }

    /// Sends a link to another address, which takes the place of the actor's once they confirm it. The address that
    /// they have is told. Whether the new one is somebody's is not: that shows when it is confirmed.
    pub async fn change_address(&self, actor: &Actor, email: &str) -> Result<(), Error> {
        self.allow(actor, Action::ChangeOwnAddress)?;
        let new: Email = email.parse().map_err(|error| Error::invalid("email", error))?;
        let old: Email = actor.email.parse().map_err(|error| Error::invalid("email", error))?;
        if new == old {
            return Err(Error::invalid("email", "This is your address already."));
        }
        self.ports.addresses.check_move(actor.person, new.as_str()).await?;
        self.count_verification(actor.person).await?;
        let (link, mail) = self.verification_mail(actor.person, &new)?;
        let draft = address_notice(new.as_str(), &self.ports.connect.console_url);
        let notice = self.seal_mail(draft, &old, About::Person(actor.person), mail.until)?;
        Ok(self.ports.addresses.ask(actor.person, new.as_str(), link, vec![mail, notice], self.act(actor)).await?)
    }

    /// The address that a link confirms, for its own person. [`Error::Conflict`] says that it does not work (any more).
    pub async fn read_verification(&self, token: &str, session: Option<&str>) -> Result<String, Error> {
        let (person, _) = self.session_person(session).await?;
        Ok(self.verification_of(token, person).await?.sent_to)
    }

    /// Confirms the address that the link was sent to, for its own person, who is signed in.
    pub async fn confirm_address(&self, token: &str, session: Option<&str>, client: &Client) -> Result<(), Error> {
        let (person, _) = self.session_person(session).await?;
        self.verification_of(token, person).await?;
        match self.ports.addresses.confirm(digest(token), person, self.by_link(person, client)).await {
            Err(StoreError::NotFound) => Err(Error::Conflict(OVER.to_owned())),
            answer => Ok(answer?),
        }
    }

    /// Another person's link is answered as one that is over.
    async fn verification_of(&self, token: &str, person: PersonId) -> Result<PersonLink, Error> {
        match self.ports.addresses.verification(digest(token), self.ports.clock.now()).await {
            Ok(link) if link.fate == Fate::Live && link.person == person => Ok(link),
            Ok(_) | Err(StoreError::NotFound) => Err(Error::Conflict(OVER.to_owned())),
            Err(error) => Err(error.into()),
        }
    }

    async fn count_verification(&self, person: PersonId) -> Result<(), Error> {
        self.take_try_of("verification", &person.to_string(), PER_PERSON).await.map(drop)
    }

    pub(crate) fn verification_mail(&self, person: PersonId, to: &Email) -> Result<(NewLink, NewMail), Error> {
        let token = self.new_token();
        let until = Millis(self.ports.clock.now().0 + LINK_MS);
        let draft = verification(&self.link("verify", &token), until);
        let mail = self.seal_mail(draft, to, About::Person(person), until)?;
        Ok((NewLink { digest: digest(&token), until }, mail))
    }
}
