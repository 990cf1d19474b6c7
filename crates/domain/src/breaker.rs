//! The circuit breaker of an agent: after a run of bad ends its queue is paused, then tried with one task.

use crate::{Millis, task::words};
use serde::{Deserialize, Serialize};

words!(
    /// Whether tasks are handed out.
    BreakerState {
        Closed = "closed",
        /// No task is handed out.
        Open = "open",
        /// One task at a time is handed out, to see how it ends.
        HalfOpen = "half_open",
    }
);

/// So many tasks in a row that ended badly open the breaker…
pub const BAD_ENDS: usize = 5;
/// …if they ended within so long. Milliseconds.
pub const WITHIN_MS: i64 = 10 * 60 * 1000;
/// An open breaker lets one task through after so long. Milliseconds.
pub const OPEN_MS: i64 = 5 * 60 * 1000;

/// So many tasks of one trace for one agent and kind…
pub const LOOP_TASKS: u32 = 100;
/// …within so long are a loop. Milliseconds.
pub const LOOP_WITHIN_MS: i64 = 10 * 60 * 1000;

/// Whether the ends of an agent's latest tasks (newest first: when, and whether it was a bad end) open
/// its breaker.
pub fn opens(ends: &[(Millis, bool)]) -> bool {
    let Some(run) = ends.get(..BAD_ENDS) else { return false };
    run.iter().all(|(_, bad)| *bad) && run[0].0.since(run[BAD_ENDS - 1].0) <= WITHIN_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_bad_ends_in_a_row_within_ten_minutes_open_it() {
        let bad = |minute: i64| (Millis(minute * 60_000), true);
        assert!(opens(&[bad(9), bad(7), bad(5), bad(3), bad(0)]));
        assert!(!opens(&[bad(11), bad(7), bad(5), bad(3), bad(0)]), "too slow");
        assert!(!opens(&[bad(9), bad(7), (Millis(0), false), bad(3), bad(0)]), "one ended well");
        assert!(!opens(&[bad(9), bad(7), bad(5), bad(3)]), "four are not five");
    }
}
