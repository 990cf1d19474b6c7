//! One agent, its credentials and its latest work.

use crate::{
    Error, Service,
    policy::Action,
    read_reviews::{self, waiting},
    role_view,
};
use countersign_domain::{Actor, AgentName, reading::AgentDetail, review::ReviewState};

impl Service {
    pub async fn read_agent(&self, actor: &Actor, name: &AgentName) -> Result<AgentDetail, Error> {
        self.allow(actor, Action::Read)?;
        let agents = &self.ports.agents;
        let mut rows = agents.fleet(actor.tenant, Some(name), self.ports.clock.now()).await?;
        let row = rows.pop().ok_or(Error::NotFound)?;
        let reviews = self.ports.reviews.of_agent(actor.tenant, name).await?;
        let in_state = |state| reviews.iter().find(|review| review.state == state);
        let (approved, open) = (in_state(ReviewState::Approved), in_state(ReviewState::Open));
        let file = approved.or(open).and_then(|review| countersign_role::read(review.text.as_bytes()).ok());
        let waiting = waiting(&reviews);
        let stops = &self.ports.stops;
        let stopped = match stops.of(actor.tenant, Some(name)).await? {
            Some(stop) => Some(stop),
            None => stops.of(actor.tenant, None).await?,
        };
        Ok(AgentDetail {
            row,
            fleet_uptime: agents.uptime(actor.tenant).await?,
            credentials: agents.credentials(actor.tenant, name).await?,
            recent: self.ports.history.recent_of(actor.tenant, name, 10).await?,
            connect: self.ports.connect.clone(),
            bus: self.ports.bus.health(),
            approved: approved.map(|review| read_reviews::row(review, &waiting)),
            waiting: open.map(|review| read_reviews::row(review, &waiting)),
            powers: file.as_ref().map(role_view::powers).unwrap_or_default(),
            stopped,
        })
    }
}
