//! How the organization's means are shared out among its agents, and which decision said so.

use crate::{
    AgentError, Error, Service,
    policy::{Action, rank},
    ports::{AgentActor, AllocationRecord},
};
use countersign_brief::shares;
use countersign_domain::{
    Actor, AgentName, TenantId,
    allocation::equal_weights,
    reading::{AllocationChange, AllocationView, ShareRow},
};

/// Allocations that the page lists.
const LISTED: u32 = 20;

impl Service {
    /// What counts now, and what was decided before it.
    pub async fn read_allocation(&self, actor: &Actor) -> Result<AllocationView, Error> {
        self.allow(actor, Action::Read)?;
        let may_write = rank(actor.role) >= rank(Action::WriteBrief.needs());
        Ok(AllocationView { may_write, ..self.allocation(actor.tenant).await? })
    }

    /// The same for an agent: each may know what the others get.
    pub async fn read_allocation_as_agent(&self, actor: &AgentActor) -> Result<AllocationView, AgentError> {
        self.allocation(actor.tenant).await.map_err(AgentError::of)
    }

    async fn allocation(&self, tenant: TenantId) -> Result<AllocationView, Error> {
        let decided = self.ports.allocations.decided(tenant, LISTED).await?;
        let agents = self.ports.agents.names(tenant).await?;
        let equal = equal_weights(&agents);
        let mut rows = Vec::new();
        for agent in names(&agents, decided.first()) {
            let share = decided.first().and_then(|one| one.shares.get(&agent));
            let budget = match share {
                Some(share) => Some(share.budget_micro_usd),
                None => self.budget_of_role(tenant, &agent).await?,
            };
            let weight = match decided.first() {
                Some(_) => share.map_or(0, |share| share.weight),
                None => equal.get(&agent).copied().unwrap_or_default(),
            };
            let is_of_role = share.is_none();
            rows.push(ShareRow { agent: agent.to_string(), weight, budget_micro_usd: budget, is_of_role });
        }
        let decided = decided.into_iter().map(change).collect();
        Ok(AllocationView { shares: rows, decided, may_write: false })
    }

    async fn budget_of_role(&self, tenant: TenantId, agent: &AgentName) -> Result<Option<i64>, Error> {
        let approved = self.ports.reviews.approved(tenant, agent).await?;
        let file = approved.and_then(|review| countersign_role::read(review.text.as_bytes()).ok());
        Ok(file.and_then(|file| file.role.budget).map(|budget| budget.usd_per_day.0))
    }
}

/// The agents that there are, and those that were decided about.
fn names(agents: &[AgentName], decided: Option<&AllocationRecord>) -> std::collections::BTreeSet<AgentName> {
    let named = decided.iter().flat_map(|one| one.shares.keys());
    agents.iter().chain(named).cloned().collect()
}

fn change(record: AllocationRecord) -> AllocationChange {
    AllocationChange {
        decision: record.decision.to_string(),
        brief: record.brief.to_string(),
        title: record.title,
        by: record.by,
        at: record.at,
        words: shares(&record.shares),
    }
}
