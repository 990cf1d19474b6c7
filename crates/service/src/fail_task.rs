//! Saying that an attempt went wrong.

use crate::{
    AgentError, Service,
    ports::{AgentActor, Ending},
};
use countersign_domain::{Millis, TaskId};

/// Another attempt may be put off for so long. Seconds.
const MOST_AHEAD_S: u32 = 7 * 24 * 60 * 60;
/// As long as the reasons that the bus itself carries.
const MOST_CHARACTERS: usize = 2000;

/// What is to follow an attempt that went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Another attempt, not before so many seconds have passed.
    Retry { seconds: u32 },
    /// None: no attempt can succeed.
    Nothing,
}

impl Service {
    /// Ends the attempt badly, if `fence` is of the task's newest lease and that one is live. The worker
    /// terminates the message afterwards: another attempt is a message of its own.
    pub async fn fail_task(
        &self,
        actor: &AgentActor,
        task: TaskId,
        fence: i64,
        reason: &str,
        next: Next,
    ) -> Result<(), AgentError> {
        let now = self.ports.clock.now();
        let ending = ending(reason, next, now)?;
        let ended = self.ports.claims.end(actor, task, fence, ending, now).await;
        ended.map_err(|error| AgentError::of_claim(error, now))
    }
}

fn ending(reason: &str, next: Next, now: Millis) -> Result<Ending, AgentError> {
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return Err(AgentError::invalid("reason", "Say why."));
    }
    if reason.chars().count() > MOST_CHARACTERS {
        return Err(AgentError::invalid("reason", "Keep the reason to 2,000 characters."));
    }
    if reason.contains('\0') {
        return Err(AgentError::invalid("reason", "The reason has the character U+0000, which cannot be kept."));
    }
    match next {
        Next::Nothing => Ok(Ending::GaveUp { reason }),
        Next::Retry { seconds } if seconds > MOST_AHEAD_S => {
            Err(AgentError::invalid("retry_in", "Another attempt may be put off for seven days at most."))
        }
        Next::Retry { seconds } => Ok(Ending::Returned { reason, retry_at: Millis(now.0 + i64::from(seconds) * 1000) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_must_be_given_and_can_be_kept() {
        for reason in ["", "  ", "a\0b", &"x".repeat(2001)] {
            let refused = ending(reason, Next::Nothing, Millis(0));
            assert!(matches!(refused, Err(AgentError::Invalid { field: "reason", .. })), "{reason}");
        }
        assert!(ending("x", Next::Retry { seconds: MOST_AHEAD_S + 1 }, Millis(0)).is_err());
        let retry = ending(" x ", Next::Retry { seconds: 30 }, Millis(5)).unwrap();
        assert_eq!(retry, Ending::Returned { reason: "x".into(), retry_at: Millis(30_005) });
    }
}
