//! The faces of an attempt's outcomes.

use super::face::{Face, Tone};
use countersign_domain::task::AttemptOutcome;

pub fn face(outcome: AttemptOutcome) -> Face {
    match outcome {
        AttemptOutcome::Running => Face::new("Running", "play", Tone::Info),
        AttemptOutcome::Succeeded => Face::new("Succeeded", "check", Tone::Ok),
        AttemptOutcome::Returned => Face::new("Returned", "undo-2", Tone::Warn),
        AttemptOutcome::GivenUp => Face::new("Given up", "circle-alert", Tone::Bad),
        AttemptOutcome::NoAnswer => Face::new("No answer", "timer-off", Tone::Bad),
        AttemptOutcome::Repeated => Face::new("Done again", "rotate-cw", Tone::Quiet),
    }
}

/// What is said where the attempt gave no reason of its own.
pub fn default_reason(outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Running => "Not answered yet",
        AttemptOutcome::Succeeded => "Acknowledged",
        AttemptOutcome::Returned => "Asked for another attempt, no reason given",
        AttemptOutcome::GivenUp => "Given up for good, no reason given",
        AttemptOutcome::NoAnswer => "The agent fell silent until the wait was over",
        AttemptOutcome::Repeated => "The bus handed it out although it was done; this changed nothing",
    }
}
