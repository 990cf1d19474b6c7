//! The end of a session.

use crate::{Client, Error, Service, sign_in::digest};

impl Service {
    /// Ends the session. Ending one that is not there changes nothing.
    pub async fn sign_out(&self, token: &str, client: &Client) -> Result<(), Error> {
        let act = match self.authenticate(Some(token), None, client).await {
            Ok(actor) => Some(self.act(&actor)),
            Err(Error::SignedOut | Error::NotFound) => None,
            Err(error) => return Err(error),
        };
        Ok(self.ports.sessions.end(digest(token), act).await?)
    }
}
