//! What can become of a task and of each attempt at it.

use serde::{Deserialize, Serialize};

/// An enumeration whose variants each have one word, the same in the database, the URL and the bus.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that the database, the URL and the bus use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::task::UnknownWord;
            fn from_str(text: &str) -> Result<Self, $crate::task::UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::task::UnknownWord(text.to_owned())),
                }
            }
        }
    };
}
pub(crate) use words;

/// A word that names no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a state of a task.")]
pub struct UnknownWord(pub String);

words!(
    /// Where a task stands.
    TaskState {
        /// Made here and not yet on the bus: its time has not come, or its agent has enough to do.
        Scheduled = "scheduled",
        /// In the agent's queue, not yet handed to a worker.
        Queued = "queued",
        /// Handed to a worker that has not answered.
        Running = "running",
        /// An attempt went wrong; another will follow.
        Retrying = "retrying",
        /// Acknowledged by its worker.
        Succeeded = "succeeded",
        /// Given up by its worker for good.
        Failed = "failed",
        /// All attempts used up; waits for the founder.
        Dead = "dead",
        /// Sent to an agent that does not exist.
        Undeliverable = "undeliverable",
        /// Called off by a founder.
        Cancelled = "cancelled",
        /// Was dead, failed or undeliverable; a founder had it done again as another task.
        Replayed = "replayed",
        /// Was dead, failed or undeliverable; a founder decided that nothing is to be done.
        Dismissed = "dismissed",
    }
);

words!(
    /// How an attempt ended, or that it has not.
    AttemptOutcome {
        Running = "running",
        Succeeded = "succeeded",
        /// The worker asked for another attempt.
        Returned = "returned",
        /// The worker gave the task up for good.
        GivenUp = "given_up",
        /// The worker fell silent until the wait was over.
        NoAnswer = "no_answer",
        /// The bus handed it out although it was done, as it may after a crash; that it was done again
        /// changed nothing.
        Repeated = "repeated",
    }
);

/// How urgent a task is among those of its agent that are not on the bus yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Priority(u8);

impl Priority {
    /// The most urgent.
    pub const MOST: u8 = 9;

    /// `None` outside 0 to [`Self::MOST`].
    pub fn new(value: i64) -> Option<Self> {
        u8::try_from(value).ok().filter(|value| *value <= Self::MOST).map(Self)
    }

    pub fn get(self) -> u8 {
        self.0
    }
}

impl TaskState {
    /// Whether nothing more will happen unless a person acts.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Scheduled | Self::Queued | Self::Running | Self::Retrying)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_found_by_its_own_word() {
        for state in TaskState::ALL {
            assert_eq!(state.as_str().parse::<TaskState>(), Ok(*state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert!("gone".parse::<TaskState>().is_err());
    }
}
