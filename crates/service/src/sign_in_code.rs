//! The second step of a sign-in: a code, after the password.

use crate::{
    Client, Error, Proven, Service, SignedIn,
    ports::{PersonRecord, StoreError},
    sign_in::digest,
};
use countersign_domain::How;

const CODE: &str = "code";
/// Whoever knew the password has so long to find their phone.
const STEP_MS: i64 = 10 * 60 * 1000;

impl Service {
    /// Remembers that the password was right; answers the name under which the code is to follow.
    pub(crate) async fn ask_for_code(&self, known: PersonRecord) -> Result<String, Error> {
        self.begin_ceremony(CODE, Some(known.person), known.password_hash.unwrap_or_default(), STEP_MS).await
    }

    /// Signs in whoever knew the password and has the code, or a recovery code. [`Error::Conflict`] where the password
    /// was entered too long ago, [`Error::Invalid`] about `code` where that does not count.
    pub async fn sign_in_with_code(&self, step: Option<&str>, code: &str, client: &Client) -> Result<SignedIn, Error> {
        let late = || Error::Conflict("That took too long. Enter your password again.".to_owned());
        let step = digest(step.ok_or_else(late)?);
        let now = self.ports.clock.now();
        let person = match self.ports.factors.find_ceremony(step, CODE, now).await {
            Err(StoreError::NotFound) => return Err(late()),
            ceremony => ceremony?.0.ok_or_else(late)?,
        };
        let how: How = self.check_code(person, code, client).await?;
        // Of two who have the right code, one gets in: a code counts once, and so does this step.
        let (_, hash) = match self.ports.factors.take_ceremony(step, CODE, now).await {
            Err(StoreError::NotFound) => return Err(late()),
            ceremony => ceremony?,
        };
        match self.open_session(Proven { person, how, password_hash: Some(hash) }, client).await {
            // The password was changed meanwhile.
            Err(Error::NotFound) => Err(late()),
            answer => answer,
        }
    }
}
