//! A person's new password, proven by the old one.

use crate::{
    Client, Error, Service,
    policy::Action,
    ports::{PasswordChange, StoreError},
    set_up::check_password,
    sign_in::digest,
};
use countersign_domain::{Actor, email::Email};

impl Service {
    /// Changes the actor's password and ends all their sessions but the one of `token`: whoever knew the old one is
    /// out. A wrong `current` counts as a failed sign-in. Answers the token that the session goes on with.
    pub async fn change_password(
        &self,
        actor: &Actor,
        token: &str,
        client: &Client,
        current: &str,
        new: String,
    ) -> Result<String, Error> {
        self.allow(actor, Action::ChangeOwnPassword)?;
        let email: Email = actor.email.parse().map_err(|error| Error::invalid("new", error))?;
        check_password("new", &new, &email)?;
        let wrong = || Error::invalid("current", "This is not your password.");
        let known = self.check_password_of(&email, current, client).await?.ok_or_else(wrong)?;
        if current == new {
            return Err(Error::invalid("new", "Use another password than the one that you have."));
        }
        let renewed = self.new_token();
        let change = PasswordChange {
            person: actor.person,
            old: known.password_hash.unwrap_or_default(),
            new: self.passwords.hash(new, self.ports.entropy.bytes32()).await?,
            session: digest(token),
            renewed: digest(&renewed),
        };
        match self.ports.people.change_password(change, self.act(actor)).await {
            // It was changed elsewhere meanwhile.
            Err(StoreError::NotFound) => Err(wrong()),
            answer => Ok(answer.map(|()| renewed)?),
        }
    }
}
