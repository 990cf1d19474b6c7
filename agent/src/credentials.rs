//! The credentials file: claims for others to read, and the key that proves them.

use crate::Error;
use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use std::sync::Arc;

/// What a credentials file holds. Cheap to clone; its debug text shows no secret.
#[derive(Clone)]
pub struct Credentials {
    jwt: Arc<str>,
    key: Arc<KeyPair>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Credentials").field(&self.key.public_key()).finish()
    }
}

/// The one line between the lines that begin and end `what`.
fn part<'a>(text: &'a str, what: &str) -> Option<&'a str> {
    let begin = format!("BEGIN {what}");
    let mut lines = text.lines().map(str::trim).skip_while(|line| !line.contains(&begin)).skip(1);
    lines.find(|line| !line.is_empty()).filter(|line| !line.starts_with('-'))
}

impl Credentials {
    /// Reads the text of a credentials file.
    pub fn read(text: &str) -> Result<Self, Error> {
        let jwt = part(text, "NATS USER JWT").ok_or(Error::CredentialsForm("it has no claims"))?;
        let seed = part(text, "USER NKEY SEED").ok_or(Error::CredentialsForm("it has no key"))?;
        let key = KeyPair::from_seed(seed).map_err(|_| Error::CredentialsForm("its key cannot be read"))?;
        Ok(Self { jwt: jwt.into(), key: Arc::new(key) })
    }

    /// The claims that name the agent and its tenant.
    pub fn jwt(&self) -> &str {
        &self.jwt
    }

    /// The public nkey (`U…`).
    pub fn public_key(&self) -> String {
        self.key.public_key()
    }

    /// Signs the bytes; answers the signature in base64url.
    pub fn sign(&self, bytes: &[u8]) -> Result<String, Error> {
        let signature = self.key.sign(bytes).map_err(|_| Error::CredentialsForm("its key cannot sign"))?;
        Ok(BASE64URL_NOPAD.encode(&signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_and_key_are_found_and_the_key_is_not_shown() {
        let key = KeyPair::new_user();
        let seed = key.seed().unwrap();
        let text = format!(
            "-----BEGIN NATS USER JWT-----\r\na.b.c\r\n------END NATS USER JWT------\r\n\r\nKeep it.\r\n\
             -----BEGIN USER NKEY SEED-----\r\n{seed}\r\n------END USER NKEY SEED------\r\n"
        );
        let read = Credentials::read(&text).unwrap();
        assert_eq!((read.jwt(), read.public_key()), ("a.b.c", key.public_key()));
        assert!(!format!("{read:?}").contains(&seed));
    }

    #[test]
    fn other_texts_say_what_they_lack() {
        for text in ["", "a.b.c", "-----BEGIN NATS USER JWT-----\n------END NATS USER JWT------"] {
            assert!(matches!(Credentials::read(text), Err(Error::CredentialsForm("it has no claims"))), "{text}");
        }
        let text = "-----BEGIN NATS USER JWT-----\na.b.c\n-----BEGIN USER NKEY SEED-----\nnonsense";
        assert!(matches!(Credentials::read(text), Err(Error::CredentialsForm("its key cannot be read"))));
    }
}
