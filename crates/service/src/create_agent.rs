//! A new agent of the fleet.

use crate::{Error, Service, policy::Action, ports::NewAgent, visible_line};
use countersign_domain::{Actor, AgentId, AgentName};

impl Service {
    /// Creates the agent `name`, which may give tasks to the agents listed in `delegates_to` (names
    /// parted by commas or spaces), and makes its queue on the bus. While the bus is down the agent is
    /// created all the same: the bridge makes its queue on the next connection.
    pub async fn create_agent(&self, actor: &Actor, name: &str, delegates_to: &str) -> Result<AgentName, Error> {
        self.allow(actor, Action::CreateAgent)?;
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
        let now = self.ports.clock.now();
        let agent = NewAgent {
            id: AgentId(self.ports.entropy.uuid(now)),
            name: name.clone(),
            delegates_to: delegates,
            act: self.act(actor),
        };
        self.ports.agents.create(actor.tenant, agent).await?;
        if let Err(error) = self.ports.bus.provision(actor.tenant, &name).await {
            tracing::warn!(agent.name = %name, %error, "the agent's queue will be made when the bus is back");
        }
        Ok(name)
    }
}
