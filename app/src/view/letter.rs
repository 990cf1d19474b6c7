//! Dead letters as faces and words.

use super::face::{Face, Tone};
use countersign_domain::{
    letter::{LetterCause, LetterState},
    reading::LetterRow,
};

pub fn cause(cause: LetterCause) -> Face {
    match cause {
        LetterCause::Exhausted => Face::new("Attempts used up", "mail-x", Tone::Bad),
        LetterCause::GivenUp => Face::new("Given up", "circle-alert", Tone::Bad),
        LetterCause::Undeliverable => Face::new("No such agent", "circle-slash", Tone::Bad),
    }
}

pub fn state(state: LetterState) -> Face {
    match state {
        LetterState::Waiting => Face::new("Waits for you", "inbox", Tone::Warn),
        LetterState::Replaying => Face::new("Being replayed", "play", Tone::Info),
        LetterState::Replayed => Face::new("Replayed", "check", Tone::Ok),
        LetterState::Dismissed => Face::new("Dismissed", "archive", Tone::Quiet),
        LetterState::Answered => Face::new("Answered late", "badge-check", Tone::Ok),
    }
}

/// What became of a letter, as the end of a sentence.
pub fn fate(state: LetterState) -> &'static str {
    match state {
        LetterState::Waiting => "waiting",
        LetterState::Replaying => "being replayed",
        LetterState::Replayed => "replayed",
        LetterState::Dismissed => "dismissed",
        LetterState::Answered => "answered late",
    }
}

/// What is said where the worker gave no reason of its own.
pub fn default_reason(cause: LetterCause) -> &'static str {
    match cause {
        LetterCause::Exhausted => "All attempts were used up, no reason given",
        LetterCause::GivenUp => "Given up for good, no reason given",
        LetterCause::Undeliverable => "There was no agent of this name",
    }
}

/// The letter's name: its task's title, or its kind where it has none.
pub fn name(letter: &LetterRow) -> String {
    letter.title.clone().filter(|title| !title.trim().is_empty()).unwrap_or_else(|| letter.kind.clone())
}
