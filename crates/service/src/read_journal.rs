//! The journal as it was written down, a page at a time.

use crate::{Error, Service, policy::Action};
use countersign_domain::{
    Actor,
    reading::{JournalHead, JournalPage},
};

impl Service {
    /// The entries that follow number `after`, oldest first, and where the journal ends.
    pub async fn read_journal(&self, actor: &Actor, after: u64) -> Result<JournalPage, Error> {
        self.allow(actor, Action::Read)?;
        Ok(self.ports.history.journal(actor.tenant, after).await?)
    }

    /// The newest entry's number and hash.
    pub async fn read_journal_head(&self, actor: &Actor) -> Result<JournalHead, Error> {
        self.allow(actor, Action::Read)?;
        Ok(self.ports.history.journal_head(actor.tenant).await?)
    }
}
