//! The dead-letter desk, and one letter on it.

use crate::{Error, Service, compare::compare, policy::Action, visible_text::for_mending};
use countersign_domain::{
    Actor, TaskId,
    reading::{DeadLetterDetail, DeadLetters, LetterQuery},
};

impl Service {
    pub async fn read_dead_letters(&self, actor: &Actor, query: &LetterQuery) -> Result<DeadLetters, Error> {
        self.allow(actor, Action::Read)?;
        Ok(self.ports.dead_letters.desk(actor.tenant, query, self.ports.clock.now()).await?)
    }

    /// The letter of the task `id`, compared with the last one of its kind that went well.
    pub async fn read_dead_letter(&self, actor: &Actor, id: TaskId) -> Result<DeadLetterDetail, Error> {
        self.allow(actor, Action::Read)?;
        let mut found = self.ports.dead_letters.letter(actor.tenant, id).await?;
        if let (Some(last), Some(good)) = (&mut found.detail.last_good, &found.good_payload) {
            last.diff = compare(good, &found.payload);
        }
        found.detail.editable = found.detail.editable.as_deref().map(for_mending);
        Ok(found.detail)
    }
}
