//! The emergency stop: credentials end at once, queues are paused, clocks stand.

use crate::{Error, Service, policy::Action, reason};
use countersign_domain::{Actor, AgentName};

impl Service {
    /// Ends all credentials of the agent and pauses its queue until the stop is lifted.
    pub async fn stop_agent(&self, actor: &Actor, agent: &AgentName, why: &str) -> Result<(), Error> {
        self.stop(actor, Some(agent), why).await
    }

    /// As [`Service::stop_agent`], for the whole fleet.
    pub async fn stop_all(&self, actor: &Actor, why: &str) -> Result<(), Error> {
        self.stop(actor, None, why).await
    }

    /// Lets queues go on; what was to come later comes by so much later as the stop took. Credentials have to be
    /// issued anew: approvals stand.
    pub async fn lift_stop(&self, actor: &Actor, agent: Option<&AgentName>) -> Result<(), Error> {
        self.allow(actor, Action::StopAgents)?;
        Ok(self.ports.stops.lift(actor.tenant, agent, self.act(actor)).await?)
    }

    async fn stop(&self, actor: &Actor, agent: Option<&AgentName>, why: &str) -> Result<(), Error> {
        self.allow(actor, Action::StopAgents)?;
        let why = reason::required(why, "Say why; whoever lifts the stop will want to know.")?;
        self.ports.stops.stop(actor.tenant, agent, why, self.act(actor)).await?;
        self.cut_off(actor).await
    }
}
