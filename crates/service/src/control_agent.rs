//! Pausing an agent, and its circuit breaker by hand.

use crate::{Error, Service, policy::Action, reason};
use countersign_domain::{
    Actor, AgentName, Millis,
    breaker::{BreakerState, OPEN_MS},
};

impl Service {
    /// Hands out no more tasks of this agent until it is resumed. What it has it may finish; what is queued
    /// stays.
    pub async fn pause_agent(&self, actor: &Actor, agent: &AgentName, why: &str) -> Result<(), Error> {
        self.allow(actor, Action::ControlAgent)?;
        let why = reason::required(why, "Say why; whoever resumes it will want to know.")?;
        Ok(self.ports.controls.pause(actor.tenant, agent, why, self.act(actor)).await?)
    }

    pub async fn resume_agent(&self, actor: &Actor, agent: &AgentName) -> Result<(), Error> {
        self.allow(actor, Action::ControlAgent)?;
        Ok(self.ports.controls.resume(actor.tenant, agent, self.act(actor)).await?)
    }

    /// Opens the breaker as five bad ends in a row would.
    pub async fn open_breaker(&self, actor: &Actor, agent: &AgentName) -> Result<(), Error> {
        self.move_breaker(actor, agent, BreakerState::Open).await
    }

    /// Closes the breaker: all tasks are handed out again.
    pub async fn close_breaker(&self, actor: &Actor, agent: &AgentName) -> Result<(), Error> {
        self.move_breaker(actor, agent, BreakerState::Closed).await
    }

    async fn move_breaker(&self, actor: &Actor, agent: &AgentName, state: BreakerState) -> Result<(), Error> {
        self.allow(actor, Action::ControlAgent)?;
        let act = self.act(actor);
        let until = (state == BreakerState::Open).then(|| Millis(act.at.0 + OPEN_MS));
        Ok(self.ports.controls.move_breaker(actor.tenant, agent, state, until, act).await?)
    }
}
