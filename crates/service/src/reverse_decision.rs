//! What nobody had decided is to be decided anew: what was told stays told, and so its author gets a task to have it undone
//! and to ask again.

use crate::{Error, Service, ask_author::written, policy::Action, ports::NewReversal};
use countersign_domain::{Actor, DecisionId, TaskId, brief::MOST_QUESTION};

impl Service {
    /// Asks for another decision; answers the task. [`Error::Conflict`] for what a person decided, or was asked anew
    /// before.
    pub async fn reverse_decision(&self, actor: &Actor, decision: DecisionId, why: &str) -> Result<TaskId, Error> {
        self.allow(actor, Action::ReverseDecision)?;
        let reason = written("reason", why, MOST_QUESTION)?;
        if reason.is_empty() {
            return Err(Error::invalid("reason", "Say why; the brief's author will read it."));
        }
        let act = self.act(actor);
        let task = TaskId(self.ports.entropy.uuid(act.at));
        self.ports.autonomy.reverse(actor.tenant, NewReversal { decision, reason, task, act }).await?;
        Ok(task)
    }
}
