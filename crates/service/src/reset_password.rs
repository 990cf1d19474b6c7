//! The way back in for somebody who forgot their password, or lost their phone, by an operator with access to the database.

use crate::{Error, Service};
use countersign_domain::{How, Via, email::Email};
use data_encoding::BASE32_NOPAD;

impl Service {
    /// Gives the person with this address a new password, which is answered, ends all their sessions, and forgets that
    /// they tried in vain.
    pub async fn reset_password(&self, email: &str) -> Result<String, Error> {
        let email: Email = email.parse().map_err(|error| Error::invalid("email", error))?;
        let person = self.ports.people.by_email(email.as_str()).await?.person;
        let act = self.own_act(person, Via::new(How::Operator, String::new()));
        let random = BASE32_NOPAD.encode(&self.ports.entropy.bytes32()[..15]).to_lowercase();
        let groups: Vec<&str> = [0, 6, 12, 18].map(|at| &random[at..at + 6]).into();
        let password = groups.join("-");
        let hash = self.passwords.hash(password.clone(), self.ports.entropy.bytes32()).await?;
        self.ports.people.reset_password(person, &hash, act).await?;
        Ok(password)
    }

    /// Asks the person with this address for no code any more.
    pub async fn reset_codes(&self, email: &str) -> Result<(), Error> {
        let email: Email = email.parse().map_err(|error| Error::invalid("email", error))?;
        let person = self.ports.people.by_email(email.as_str()).await?.person;
        let act = self.own_act(person, Via::new(How::Operator, String::new()));
        Ok(self.ports.factors.drop_codes(person, act).await?)
    }
}
