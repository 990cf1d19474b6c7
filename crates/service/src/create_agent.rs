//! A new agent of the fleet, without a role file of its own hand.

use crate::{Error, Service, policy::Action, propose_role::template, visible_line};
use countersign_domain::{Actor, AgentName, ReviewId};

impl Service {
    /// Proposes the smallest role file for the new agent `name`, which may give tasks to the agents listed in
    /// `delegates_to` (names parted by commas or spaces), and makes its queue on the bus. It cannot connect before the
    /// file is approved.
    pub async fn create_agent(
        &self,
        actor: &Actor,
        name: &str,
        delegates_to: &str,
    ) -> Result<(AgentName, ReviewId), Error> {
        self.allow(actor, Action::ProposeRole)?;
        let name: AgentName = name.trim().parse().map_err(|error| Error::invalid("name", error))?;
        let mut delegates = Vec::new();
        for word in delegates_to.split([',', ' ', '\n']).filter(|word| !word.is_empty()) {
            let delegate: AgentName = word.parse().map_err(|error| {
                let shown: String = visible_line(word).chars().take(40).collect();
                Error::invalid("delegates_to", format!("“{shown}”: {error}"))
            })?;
            if delegate != name && !delegates.contains(&delegate) {
                delegates.push(delegate);
            }
        }
        let text = template(&name, &delegates);
        let file = countersign_role::read(text.as_bytes()).map_err(|faults| Error::invalid("delegates_to", faults))?;
        let review = self.propose(actor, file, true).await?;
        Ok((name, review))
    }
}
