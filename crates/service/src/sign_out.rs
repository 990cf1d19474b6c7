//! The end of a session.

use crate::{Error, Service, sign_in::digest};

impl Service {
    /// Ends the session. Ending one that is not there changes nothing.
    pub async fn sign_out(&self, token: &str) -> Result<(), Error> {
        Ok(self.ports.people.end_session(digest(token)).await?)
    }
}
