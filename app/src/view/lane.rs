//! The geometry of a task's timeline: one lane an attempt, waiting before working.

use super::fraction::WHOLE;
use countersign_domain::{Millis, reading::AttemptRow, task::AttemptOutcome};

/// A stretch of a lane, in thousandths of the time from the task's arrival to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub x: i64,
    pub width: i64,
    pub ms: i64,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    pub number: u32,
    pub outcome: AttemptOutcome,
    /// From the attempt before (or the task's arrival) until the worker got it.
    pub waiting: Option<Stretch>,
    /// In the worker's hands.
    pub working: Option<Stretch>,
    /// Waiting or working: the worker did not say when it began.
    pub unknown: Option<Stretch>,
}

/// The lanes of a task that arrived at `created`, drawn up to `until`.
pub fn lanes(created: Millis, attempts: &[AttemptRow], until: Millis) -> Vec<Lane> {
    let span = until.since(created).max(1);
    let stretch = |from: Millis, to: Millis| {
        let x = from.since(created).min(span) * WHOLE / span;
        let end = to.since(created).min(span) * WHOLE / span;
        Stretch { x: x.min(WHOLE - 3), width: (end - x).max(3), ms: to.since(from) }
    };
    let mut free_since = created;
    attempts
        .iter()
        .map(|attempt| {
            let end = attempt.ended_at.unwrap_or(until);
            // Two clocks: a worker's word that it began may be stamped after its answer.
            let started = attempt.started_at.map(|start| start.min(end));
            let lane = Lane {
                number: attempt.number,
                outcome: attempt.outcome,
                waiting: started.map(|start| stretch(free_since, start)),
                working: started.map(|start| stretch(start, end)),
                unknown: started.is_none().then(|| stretch(free_since, end)),
            };
            free_since = end;
            lane
        })
        .collect()
}

/// How long the task waited and how long it was worked on, over all attempts, in milliseconds.
pub fn totals(lanes: &[Lane]) -> (i64, i64) {
    let sum = |pick: fn(&Lane) -> Option<Stretch>| lanes.iter().filter_map(pick).map(|s| s.ms).sum();
    (sum(|lane| lane.waiting), sum(|lane| lane.working))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(number: u32, started: Option<i64>, ended: Option<i64>) -> AttemptRow {
        AttemptRow {
            number,
            outcome: AttemptOutcome::Returned,
            started_at: started.map(Millis),
            ended_at: ended.map(Millis),
            reason: None,
        }
    }

    #[test]
    fn a_lane_waits_from_the_end_of_the_attempt_before() {
        let attempts = [attempt(1, Some(100), Some(300)), attempt(2, Some(800), Some(1_000))];
        let lanes = lanes(Millis(0), &attempts, Millis(1_000));
        assert_eq!(lanes[1].waiting, Some(Stretch { x: 300, width: 500, ms: 500 }));
        assert_eq!(lanes[1].working, Some(Stretch { x: 800, width: 200, ms: 200 }));
        assert_eq!(totals(&lanes), (600, 400));
    }

    #[test]
    fn a_start_that_is_stamped_after_the_end_does_not_make_the_parts_longer_than_the_whole() {
        let attempts = [attempt(1, Some(310), Some(300)), attempt(2, Some(400), Some(400))];
        let lanes = lanes(Millis(0), &attempts, Millis(400));
        assert_eq!(totals(&lanes), (400, 0));
    }

    #[test]
    fn without_a_start_waiting_and_working_are_not_told_apart() {
        let lanes = lanes(Millis(0), &[attempt(1, None, Some(500))], Millis(1_000));
        assert_eq!((lanes[0].waiting, lanes[0].working), (None, None));
        assert_eq!(lanes[0].unknown, Some(Stretch { x: 0, width: 500, ms: 500 }));
    }
}
