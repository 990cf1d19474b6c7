//! Keeping a lease.

use crate::{AgentError, Service, claim_task::lease_end, ports::AgentActor};
use countersign_domain::{Millis, TaskId};

impl Service {
    /// Lets the lease run for `lease_seconds` from now, if it is live and the newest one; answers its end.
    pub async fn renew_lease(
        &self,
        actor: &AgentActor,
        task: TaskId,
        fence: i64,
        lease_seconds: u32,
    ) -> Result<Millis, AgentError> {
        let now = self.ports.clock.now();
        let until = lease_end(now, lease_seconds)?;
        let renewed = self.ports.claims.renew(actor, task, fence, until, now).await;
        renewed.map_err(|error| AgentError::of_claim(error, now))
    }
}
