//! Every random choice of a run, from one printed number.

use std::{ops::Range, time::Duration};

/// A stream of choices that its seed determines: `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014),
/// which needs no state beyond one number and is the same on every machine.
#[derive(Debug, Clone)]
pub struct Choices {
    state: u64,
}

impl Choices {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A stream of its own for whoever is called `label`: tasks that run side by side must not take
    /// choices from each other, or the scheduler would have a say in them.
    pub fn of(seed: u64, label: &str) -> Self {
        let mut choices = Self::new(seed);
        for byte in label.bytes() {
            choices.state ^= u64::from(byte);
            choices.number();
        }
        choices
    }

    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `limit`, without it.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.number() % limit.max(1)
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let index = self.below(of.len() as u64);
        &of[usize::try_from(index).unwrap_or(0)]
    }

    /// A duration in the range, to the millisecond.
    pub fn pause(&mut self, range: Range<Duration>) -> Duration {
        let (from, to) = (range.start.as_millis(), range.end.as_millis());
        let width = u64::try_from(to.saturating_sub(from)).unwrap_or(u64::MAX);
        range.start + Duration::from_millis(self.below(width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_choices_and_labels_part_them() {
        let draw = |label: &str| {
            let mut choices = Choices::of(7, label);
            [choices.number(), choices.below(10), choices.number()]
        };
        assert_eq!(draw("kills"), draw("kills"));
        assert_ne!(draw("kills"), draw("tasks"));
        // The reference output of SplitMix64 for the seed 0.
        assert_eq!(Choices::new(0).number(), 0xe220_a839_7b1d_cdaf);
    }
}
