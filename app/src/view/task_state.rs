//! The faces of a task's states.

use super::face::{Face, Tone};
use countersign_domain::task::TaskState;

pub fn face(state: TaskState) -> Face {
    match state {
        TaskState::Scheduled => Face::new("Scheduled", "calendar-clock", Tone::Quiet),
        TaskState::Queued => Face::new("Queued", "clock", Tone::Quiet),
        TaskState::Running => Face::new("Running", "play", Tone::Info),
        TaskState::Retrying => Face::new("Retrying", "rotate-cw", Tone::Warn),
        TaskState::Succeeded => Face::new("Succeeded", "check", Tone::Ok),
        TaskState::Failed => Face::new("Failed", "circle-alert", Tone::Bad),
        TaskState::Dead => Face::new("Dead", "mail-x", Tone::Bad),
        TaskState::Undeliverable => Face::new("Undeliverable", "circle-slash", Tone::Bad),
        TaskState::Cancelled => Face::new("Cancelled", "circle-x", Tone::Quiet),
        TaskState::Replayed => Face::new("Replayed", "redo-2", Tone::Quiet),
        TaskState::Dismissed => Face::new("Dismissed", "archive", Tone::Quiet),
    }
}

/// What the state means for whoever reads the page, in one sentence.
pub fn meaning(state: TaskState) -> &'static str {
    match state {
        TaskState::Scheduled => "It waits here and goes to the bus when it is due and the queue has room.",
        TaskState::Queued => "It waits in the agent's queue.",
        TaskState::Running => "The agent has it and has not answered yet.",
        TaskState::Retrying => "An attempt went wrong; another will follow.",
        TaskState::Succeeded => "The agent acknowledged it.",
        TaskState::Failed => "The agent gave it up for good.",
        TaskState::Dead => "All attempts are used up; it waits for you.",
        TaskState::Undeliverable => "No agent of this name exists; it waits for you.",
        TaskState::Cancelled => "A founder called it off.",
        TaskState::Replayed => "It ended badly; a founder had it done again as another task.",
        TaskState::Dismissed => "It ended badly; a founder decided that nothing is to be done.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_states_share_a_word_or_an_icon() {
        let faces: Vec<_> = TaskState::ALL.iter().map(|s| face(*s)).collect();
        let words: HashSet<_> = faces.iter().map(|f| f.word).collect();
        let icons: HashSet<_> = faces.iter().map(|f| f.icon).collect();
        assert_eq!((words.len(), icons.len()), (faces.len(), faces.len()));
    }
}
