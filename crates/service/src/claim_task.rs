//! Taking a lease on a task.

use crate::{
    AgentError, Service,
    ports::{AgentActor, Claim},
};
use countersign_domain::Millis;

/// How long a lease may be. Seconds.
pub const LEASE_SECONDS: std::ops::RangeInclusive<u32> = 5..=600;
/// How long it is where the agent does not say. Seconds.
pub const USUAL_LEASE_SECONDS: u32 = 60;
/// No message is delivered more often.
const MOST_DELIVERIES: u32 = 1_000;

impl Service {
    /// Takes a lease on the task whose message has `sequence` in the stream of tasks and was delivered for the
    /// `delivery`th time. Only this server's clock counts.
    pub async fn claim_task(
        &self,
        actor: &AgentActor,
        sequence: u64,
        delivery: u32,
        lease_seconds: u32,
    ) -> Result<Claim, AgentError> {
        if sequence == 0 {
            return Err(AgentError::invalid("sequence", "Messages are counted from 1."));
        }
        if !(1..=MOST_DELIVERIES).contains(&delivery) {
            return Err(AgentError::invalid("delivery", "A delivery is a number from 1 to 1,000."));
        }
        let now = self.ports.clock.now();
        let until = lease_end(now, lease_seconds)?;
        let claimed = self.ports.claims.claim(actor, sequence, delivery, until, now).await;
        claimed.map_err(|error| AgentError::of_claim(error, now))
    }
}

pub(crate) fn lease_end(now: Millis, seconds: u32) -> Result<Millis, AgentError> {
    if !LEASE_SECONDS.contains(&seconds) {
        return Err(AgentError::invalid("lease_seconds", "A lease is 5 to 600 seconds."));
    }
    Ok(Millis(now.0 + i64::from(seconds) * 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_5_to_600_seconds_of_the_servers_clock() {
        assert_eq!(lease_end(Millis(1000), 60).unwrap(), Millis(61_000));
        for seconds in [0, 4, 601, u32::MAX] {
            assert!(matches!(lease_end(Millis(0), seconds), Err(AgentError::Invalid { .. })), "{seconds}");
        }
    }
}
