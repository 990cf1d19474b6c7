//! Tokens with which programs of an organization ask the REST API.

use crate::task::words;
use serde::{Deserialize, Serialize};

/// What every token begins with, so that people and scanners of repositories know one when they see it.
pub const PREFIX: &str = "csk_";

words!(
    /// What a token is good for. It never lets its holder do more than the person who made it may do at that time.
    Scope {
        /// Reading everything of the organization.
        Read = "read",
        /// Giving, cancelling and reprioritising tasks.
        Tasks = "tasks",
        /// Replaying and dismissing dead letters.
        DeadLetters = "dead_letters",
        /// Pausing and resuming agents, opening and closing their breakers.
        Agents = "agents",
        /// Putting briefs before the founders; never deciding them.
        Briefs = "briefs",
    }
);

impl Scope {
    /// For people: “may …”.
    pub fn words(self) -> &'static str {
        match self {
            Self::Read => "see everything of the organization",
            Self::Tasks => "give, cancel and reprioritise tasks",
            Self::DeadLetters => "replay and dismiss dead letters",
            Self::Briefs => "write decision briefs, and decide none",
            Self::Agents => "pause and resume agents, open and close breakers",
        }
    }
}
