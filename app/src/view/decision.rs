//! Decisions about a piece of work, as sentences that begin with who took them.

use countersign_domain::{
    breaker::BreakerState,
    reading::{Decision, TaskName},
};

/// What stands before and after the name of the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub before: String,
    pub after: String,
}

pub fn words(decision: &Decision) -> Words {
    let (before, after) = match decision {
        Decision::TaskCreated { .. } => ("created the task", String::new()),
        Decision::TaskCancelled { .. } => ("cancelled", String::new()),
        Decision::TaskReprioritised { priority, .. } => ("gave", format!(" priority {priority}")),
        Decision::LetterReplayed { edited: true, .. } => ("mended and replayed", String::new()),
        Decision::LetterReplayed { edited: false, .. } => ("replayed", String::new()),
        Decision::ReplayStopped { .. } => ("stopped the replay of", String::new()),
        Decision::LetterDismissed { .. } => ("dismissed", String::new()),
        Decision::MessageRequeued { .. } => ("mended a message in quarantine and made it the task", String::new()),
        Decision::BreakerMoved { agent, state } => {
            let verb = match state {
                BreakerState::Open => "opened",
                BreakerState::Closed => "closed",
                BreakerState::HalfOpen => "half opened",
            };
            return Words { before: format!("{verb} the breaker of {agent}"), after: String::new() };
        }
    };
    Words { before: before.to_owned(), after }
}

/// The task that it is about.
pub fn task(decision: &Decision) -> Option<&TaskName> {
    match decision {
        Decision::TaskCreated { task }
        | Decision::TaskCancelled { task }
        | Decision::TaskReprioritised { task, .. }
        | Decision::MessageRequeued { task } => Some(task),
        Decision::LetterReplayed { letter, .. }
        | Decision::ReplayStopped { letter }
        | Decision::LetterDismissed { letter } => Some(letter),
        Decision::BreakerMoved { .. } => None,
    }
}

/// The task that does it again.
pub fn replay(decision: &Decision) -> Option<&str> {
    match decision {
        Decision::LetterReplayed { replay, .. } => Some(replay),
        _ => None,
    }
}
