//! What an agent's queue has handed out, as far as somebody looked. The bus counts how far a queue is, and
//! passes what was purged as it passes what it hands out; what lies behind that point was handed out only
//! where deliveries account for it.

use async_nats::jetstream::consumer::Info;
use countersign_domain::Millis;
use std::collections::VecDeque;

/// Stretches that one queue's history keeps; what is older counts as handed out.
const STRETCHES: usize = 512;
const MINUTE_MS: i64 = 60_000;

/// One look at a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// When the queue was made, in nanoseconds: one that was removed and made anew counts from zero.
    pub made: i128,
    /// How often it handed out anything.
    pub deliveries: u64,
    /// The last sequence that it is past.
    pub delivered: u64,
    /// Messages that it has not handed out.
    pub waiting: u64,
    /// Messages that were handed out and not answered.
    pub unanswered: u64,
    pub paused: bool,
}

impl From<&Info> for Look {
    fn from(info: &Info) -> Self {
        Self {
            made: info.created.unix_timestamp_nanos(),
            deliveries: info.delivered.consumer_sequence,
            delivered: info.delivered.stream_sequence,
            waiting: info.num_pending,
            unanswered: info.num_ack_pending as u64,
            paused: info.paused,
        }
    }
}

/// Sequences that a queue passed between two looks, both ends belong to it, and how often it handed out anything
/// meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Stretch {
    pub from: u64,
    pub to: u64,
    pub deliveries: u64,
}

/// The history of one agent's queue.
#[derive(Debug, Clone)]
pub(crate) struct Handed {
    last: Look,
    /// The last sequence that it was ever past.
    far: u64,
    /// Stretches (both ends belong to them) that it passed without handing them out, or perhaps so. In order.
    passed: VecDeque<(u64, u64)>,
    /// The newest stretches that it passed with deliveries. In order.
    counted: VecDeque<Stretch>,
    /// Something went that was waiting, since the queue moved last.
    dropped: bool,
    /// When the queue was seen past which sequence; one a minute.
    steps: VecDeque<(Millis, u64)>,
    remembered_ms: i64,
    /// When it was last seen to be paused.
    rested: Option<Millis>,
}

impl Handed {
    /// Begins with a first look. `before` is how far the queue was when somebody looked last: what it passed
    /// unwatched was perhaps not handed out. Steps are remembered for so many milliseconds.
    pub fn new(before: u64, look: Look, now: Millis, remembered_ms: i64) -> Self {
        let far = before.min(look.delivered);
        let mut handed = Self {
            last: look,
            far,
            passed: VecDeque::new(),
            counted: VecDeque::new(),
            dropped: true,
            steps: VecDeque::new(),
            remembered_ms,
            rested: None,
        };
        handed.note(look, now);
        handed.dropped = false;
        handed
    }

    pub fn note(&mut self, look: Look, now: Millis) {
        let same = look.made == self.last.made;
        let fresh = if same { look.deliveries.saturating_sub(self.last.deliveries) } else { look.deliveries };
        self.dropped |= self.last.waiting > look.waiting.saturating_add(fresh);
        if look.delivered > self.far {
            if self.dropped || fresh == 0 {
                self.pass(self.far + 1, look.delivered);
            } else {
                self.count(Stretch { from: self.far + 1, to: look.delivered, deliveries: fresh });
            }
            (self.far, self.dropped) = (look.delivered, false);
        }
        if !same {
            // What the queue before handed out, this one hands out again.
            self.steps.clear();
        }
        if self.steps.back().is_none_or(|(_, delivered)| *delivered < look.delivered) {
            self.step(look.delivered, now);
        }
        if look.paused || self.last.paused {
            self.rested = Some(now);
        }
        self.last = look;
    }

    fn pass(&mut self, from: u64, to: u64) {
        match self.passed.back_mut() {
            Some((_, end)) if *end + 1 == from => *end = to,
            _ => self.passed.push_back((from, to)),
        }
        if self.passed.len() > STRETCHES {
            self.passed.pop_front();
        }
    }

    fn count(&mut self, stretch: Stretch) {
        self.counted.push_back(stretch);
        if self.counted.len() > STRETCHES {
            self.counted.pop_front();
        }
    }

    fn step(&mut self, delivered: u64, now: Millis) {
        match self.steps.back_mut() {
            Some(last) if last.0.0.div_euclid(MINUTE_MS) == now.0.div_euclid(MINUTE_MS) => *last = (now, delivered),
            _ => self.steps.push_back((now, delivered)),
        }
        // One that is older than any question stays.
        while self.steps.get(1).is_some_and(|(at, _)| now.since(*at) > self.remembered_ms) {
            self.steps.pop_front();
        }
    }

    pub fn last(&self) -> Look {
        self.last
    }

    /// Whether the message was handed out.
    pub fn includes(&self, sequence: u64) -> bool {
        sequence <= self.far && !self.passed.iter().any(|(from, to)| (*from..=*to).contains(&sequence))
    }

    /// The stretch in which the queue passed the message, if that is not long ago. What came and was purged between
    /// two looks was never seen to wait: whoever knows how many messages the stretch had knows whether the
    /// deliveries account for all of them.
    pub fn stretch(&self, sequence: u64) -> Option<Stretch> {
        self.counted.iter().rev().find(|one| (one.from..=one.to).contains(&sequence)).copied()
    }

    /// The earliest moment at which the queue was seen past the message. Of a message that is still there it
    /// tells since when it has been handed out at least, and could have been handed out again: time in which the
    /// queue was paused does not count.
    pub fn since(&self, sequence: u64) -> Option<Millis> {
        let passed = self.steps.iter().find(|(_, delivered)| *delivered >= sequence).map(|(at, _)| *at);
        passed.map(|at| self.rested.map_or(at, |rested| at.max(rested)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 60 * MINUTE_MS;

    fn look(deliveries: u64, delivered: u64, waiting: u64) -> Look {
        Look { made: 1, deliveries, delivered, waiting, unanswered: 0, paused: false }
    }

    fn watched(looks: &[Look]) -> Handed {
        let mut handed = Handed::new(0, looks[0], Millis(0), HOUR_MS);
        for look in &looks[1..] {
            handed.note(*look, Millis(0));
        }
        handed
    }

    fn included(handed: &Handed) -> Vec<u64> {
        (1..=60).filter(|sequence| handed.includes(*sequence)).collect()
    }

    #[test]
    fn what_deliveries_account_for_was_handed_out() {
        let handed = watched(&[look(0, 0, 0), look(0, 0, 3), look(2, 2, 1), look(3, 3, 0)]);
        assert_eq!(included(&handed), [1, 2, 3]);
    }

    #[test]
    fn what_a_purge_took_from_the_queue_was_not() {
        let idle = watched(&[look(0, 0, 0), look(0, 0, 40), look(0, 40, 0), look(1, 41, 0)]);
        assert_eq!(included(&idle), [41], "no delivery at all");
        let busy = watched(&[look(0, 0, 0), look(2, 2, 38), look(3, 40, 0), look(4, 41, 0)]);
        assert_eq!(included(&busy), [1, 2, 41], "one delivery does not account for thirty-eight");
        let single = watched(&[look(0, 0, 0), look(0, 0, 5), look(0, 0, 4), look(1, 2, 3), look(2, 3, 2)]);
        assert_eq!(included(&single), [3], "one of the first two was deleted, which is not known");
    }

    #[test]
    fn deliveries_between_two_looks_are_told_with_the_stretch_that_they_are_for() {
        let unseen = watched(&[look(0, 0, 0), look(2, 5, 0), look(4, 7, 0)]);
        assert_eq!(unseen.stretch(4), Some(Stretch { from: 1, to: 5, deliveries: 2 }));
        assert_eq!(unseen.stretch(6), Some(Stretch { from: 6, to: 7, deliveries: 2 }));
        assert_eq!(unseen.stretch(8), None);
    }

    #[test]
    fn a_queue_that_was_made_anew_has_handed_out_nothing_itself() {
        let mut handed = watched(&[look(0, 0, 0), look(2, 2, 8)]);
        let anew = |look: Look| Look { made: 2, ..look };
        handed.note(anew(look(0, 10, 0)), Millis(0));
        assert_eq!(included(&handed), [1, 2]);
        handed.note(anew(look(1, 11, 0)), Millis(0));
        assert_eq!(included(&handed), [1, 2, 11]);
    }

    #[test]
    fn what_passed_unwatched_is_in_doubt() {
        let handed = Handed::new(5, look(9, 9, 0), Millis(0), HOUR_MS);
        assert_eq!(included(&handed), [1, 2, 3, 4, 5]);
        let of_a_stream_before = Handed::new(500, look(3, 3, 0), Millis(0), HOUR_MS);
        assert_eq!(included(&of_a_stream_before), [1, 2, 3]);
    }

    #[test]
    fn the_time_of_handing_out_is_never_given_too_early_and_history_stays_short() {
        let mut handed = Handed::new(0, look(0, 0, 9), Millis(0), HOUR_MS);
        for second in 1..=7200_u64 {
            handed.note(look(second, second, 9), Millis(i64::try_from(second * 1000).unwrap()));
        }
        assert!(handed.steps.len() <= 62, "{}", handed.steps.len());
        for sequence in [1, 3600, 3660, 7000, 7200] {
            let seen = handed.since(sequence).unwrap();
            assert!(seen.0 >= i64::try_from(sequence * 1000).unwrap(), "{sequence}: {seen:?}");
        }
        assert!(handed.since(7000).unwrap().0 <= 7_060_000);
        assert_eq!(handed.since(7201), None);
    }
}
