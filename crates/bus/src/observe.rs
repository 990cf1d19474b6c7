//! Watching who is connected and how long the queues are.

use crate::{Identity, error::Error, provision, system};
use async_nats::{Client, jetstream::Context};
use countersign_domain::{AgentName, Millis, TenantId};
use countersign_service::ports::{Clock, Ledger, LiveAgent};
use countersign_wire::stream::{TASKS, TaskConsumerSpec, consumer_of};
use std::{collections::HashSet, sync::Arc, time::Duration};

/// Between two looks.
const EVERY: Duration = Duration::from_millis(1000);

/// What the watch of one tenant needs.
pub(crate) struct Observer {
    pub tenant: TenantId,
    pub identity: Identity,
    pub system: Client,
    pub context: Context,
    pub ledger: Arc<dyn Ledger>,
    pub clock: Arc<dyn Clock>,
    pub consumers: TaskConsumerSpec,
    /// The revocations that the bus has been told.
    pub told: Vec<(String, Millis)>,
}

impl Observer {
    /// Looks until something fails; makes the queues of agents that have none.
    pub async fn run(&self) -> Result<(), Error> {
        let mut provisioned: HashSet<AgentName> = HashSet::new();
        let mut told = self.told.clone();
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            // A database that is away is the readers' business; the watch just misses a look.
            let Ok(agents) = self.ledger.agent_names(self.tenant).await else { continue };
            for agent in &agents {
                if !provisioned.contains(agent) {
                    provision::agent(&self.context, agent, &self.consumers).await?;
                    provisioned.insert(agent.clone());
                }
            }
            self.tell_revocations(&mut told).await?;
            if agents.is_empty() {
                continue;
            }
            let live = self.look(agents).await?;
            if let Err(error) = self.ledger.observe(self.tenant, live, self.clock.now()).await {
                tracing::warn!(%error, "what was seen of the fleet could not be noted");
            }
        }
    }

    /// Tells the bus what was revoked on another replica, or here while the bus was away.
    async fn tell_revocations(&self, told: &mut Vec<(String, Millis)>) -> Result<(), Error> {
        let now = self.clock.now();
        let Ok(revoked) = self.ledger.revocations(self.tenant, now).await else { return Ok(()) };
        if revoked != *told {
            let jwt = self.identity.account_jwt(self.tenant, &revoked, now).await?;
            system::push_account(&self.system, jwt).await?;
            *told = revoked;
        }
        Ok(())
    }

    async fn look(&self, agents: Vec<AgentName>) -> Result<Vec<LiveAgent>, Error> {
        let connected = system::connected(&self.system, &self.identity.tenant(self.tenant).await?.account).await?;
        let stream = self.context.get_stream_no_info(TASKS).await.map_err(crate::error::api("read a stream"))?;
        let mut live = Vec::with_capacity(agents.len());
        for agent in agents {
            let info = stream.consumer_info(consumer_of(&agent)).await.ok();
            live.push(LiveAgent {
                connected: connected.contains(&agent),
                queue_depth: info.as_ref().map_or(0, |info| info.num_pending),
                in_flight: info.as_ref().map_or(0, |info| info.num_ack_pending as u64),
                delivered_sequence: info.as_ref().map_or(0, |info| info.delivered.stream_sequence),
                agent,
            });
        }
        Ok(live)
    }
}
