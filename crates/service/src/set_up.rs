//! The first founder, by the one-time link that the first start prints.

use crate::{
    Client, Error, Service, SignedIn,
    ports::{NewFounder, StoreError},
    sign_in::{Proven, digest},
};
use countersign_domain::{How, Millis, PersonId, email::Email};
use zxcvbn::{Score, zxcvbn};

/// The fewest and most bytes of a password (OWASP ASVS 5.0, 6.2.1 and 6.2.9).
const MIN_PASSWORD: usize = 12;
pub(crate) const MAX_PASSWORD: usize = 256;
/// A printed link may be used for so long; the next start prints another.
const LINK_MS: i64 = 24 * 60 * 60 * 1000;

/// What the first founder enters.
#[derive(Debug, Clone)]
pub struct SetUp {
    pub organization: String,
    pub email: String,
    pub name: String,
    pub password: String,
}

impl Service {
    /// A new set-up link's token while nobody has been set up; the link before it ends.
    pub async fn new_set_up_link(&self) -> Result<Option<String>, Error> {
        if self.ports.people.anybody().await? {
            return Ok(None);
        }
        let token = self.new_token();
        let expires_at = Millis(self.ports.clock.now().0 + LINK_MS);
        self.ports.people.put_set_up_link(digest(&token), expires_at).await?;
        Ok(Some(token))
    }

    pub async fn set_up_link_is_live(&self, token: &str) -> Result<bool, Error> {
        Ok(self.ports.people.set_up_link_is_live(digest(token), self.ports.clock.now()).await?)
    }

    /// Creates the organization and its founder, uses the link up, and signs the founder in.
    pub async fn set_up(&self, token: &str, form: SetUp, client: &Client) -> Result<SignedIn, Error> {
        let used = || {
            Error::Conflict(
                "This set-up link has been used or has expired. Restart the server for a new one, or sign in."
                    .to_owned(),
            )
        };
        let organization = line("organization", &form.organization, "Name your organization.")?;
        let name = line("name", &form.name, "Enter your name.")?;
        let email: Email = form.email.parse().map_err(|error| Error::invalid("email", error))?;
        check_password("password", &form.password, &email)?;
        if !self.set_up_link_is_live(token).await? {
            return Err(used());
        }
        let password_hash = self.passwords.hash(form.password, self.ports.entropy.bytes32()).await?;
        let now = self.ports.clock.now();
        let person = PersonId(self.ports.entropy.uuid(now));
        let founder = NewFounder {
            person,
            email: email.as_str().to_owned(),
            name,
            password_hash: password_hash.clone(),
            tenant_name: organization,
            at: now,
            verification: self.verification_mail(person, &email)?,
        };
        match self.ports.people.create_founder(digest(token), founder).await {
            Ok(_) => {
                let proven = Proven { person, how: How::Password, password_hash: Some(password_hash) };
                self.open_session(proven, client).await
            }
            Err(StoreError::NotFound) => Err(used()),
            Err(error) => Err(error.into()),
        }
    }
}

/// One line of a name.
pub(crate) fn line(field: &'static str, text: &str, missing: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid(field, missing));
    }
    if text.chars().count() > 80 || text.chars().any(char::is_control) {
        return Err(Error::invalid(field, "Keep it to one line of at most 80 characters."));
    }
    Ok(text.to_owned())
}

/// Refuses, about the form's `field`, what is easy to guess.
pub(crate) fn check_password(field: &'static str, password: &str, email: &Email) -> Result<(), Error> {
    let refuse = |message: &str| Err(Error::invalid(field, message));
    if password.chars().count() < MIN_PASSWORD {
        return refuse("Use at least 12 characters. A short sentence is easy to remember.");
    }
    if password.len() > MAX_PASSWORD {
        return refuse("Use at most 256 characters.");
    }
    if password.eq_ignore_ascii_case(email.as_str()) {
        return refuse("Use something other than your e-mail address.");
    }
    // Of its scale, "safely unguessable": what is made of common passwords, names, keyboard rows, dates and repetitions
    // is below.
    let own: Vec<&str> = email.as_str().split(['@', '.', '+', '-', '_']).chain(["countersign"]).collect();
    if zxcvbn(password, &own).score() < Score::Three {
        return refuse("This is easy to guess. Use a short sentence of your own.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_with_the_way_out() {
        let email: Email = "ada.lovelace@example.com".parse().unwrap();
        for weak in [
            "short",
            "aaaaaaaaaaaaaaaa",
            "ada.lovelace@example.com",
            "password1234",
            "123456789012",
            "qwertyuiop12",
            "lovelace1815!",
            "Countersign1!",
            &"x1y2z3".repeat(60),
        ] {
            assert!(check_password("password", weak, &email).is_err(), "{weak}");
        }
        assert!(check_password("password", "correct horse battery", &email).is_ok());
    }

    #[test]
    fn names_are_one_line() {
        assert!(line("name", "  ", "Enter your name.").is_err());
        assert!(line("name", "a\nb", "").is_err());
        assert_eq!(line("name", " Ada ", "").unwrap(), "Ada");
    }
}
