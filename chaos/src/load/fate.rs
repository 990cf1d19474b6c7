//! What a worker does with a task: a pure function of the seed and the task's number, so that every
//! worker, and every run with the seed, agrees.

use crate::seed::Choices;
use std::time::Duration;

/// The choice for one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Acknowledge every delivery.
    Succeed,
    /// Give it back on the first deliveries, up to this number, then acknowledge.
    GiveBack { times: i64, delay: Duration },
    /// Fall silent on the first delivery and lose the connection, then acknowledge.
    Vanish,
    /// Give it up for good at once.
    GiveUp,
    /// Give it back on every delivery.
    Poison { delay: Duration },
}

/// Which fates a load has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    /// Every task succeeds at once.
    Smooth,
    /// Nine in ten succeed at once; the others are given back, given up, or outlive their worker.
    Varied,
    /// The first tasks are poison, the others succeed. Each poison is returned for `apart` longer than the
    /// one before.
    Poisoned { first: u64, delay: Duration, apart: Duration },
}

impl Mix {
    /// The first tasks that must reach the bus in their order.
    pub fn in_order(self) -> u64 {
        match self {
            Self::Poisoned { first, .. } => first,
            Self::Smooth | Self::Varied => 0,
        }
    }

    pub fn fate(self, seed: u64, task: u64) -> Fate {
        match self {
            Self::Poisoned { first, delay, apart } if task < first => {
                Fate::Poison { delay: delay + apart * u32::try_from(task).unwrap_or(0) }
            }
            Self::Smooth | Self::Poisoned { .. } => Fate::Succeed,
            Self::Varied => {
                let mut choices = Choices::new(seed ^ task.wrapping_mul(0x9e37_79b9));
                let delay = choices.pause(Duration::from_millis(20)..Duration::from_millis(400));
                match choices.below(100) {
                    0..90 => Fate::Succeed,
                    90..94 => Fate::GiveBack { times: 1 + i64::from(choices.below(2) == 1), delay },
                    94..96 => Fate::Vanish,
                    96..99 => Fate::GiveUp,
                    _ => Fate::Poison { delay },
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fate_is_the_seeds_alone_and_every_kind_occurs() {
        let fates: Vec<Fate> = (0..500).map(|task| Mix::Varied.fate(3, task)).collect();
        assert_eq!(fates, (0..500).map(|task| Mix::Varied.fate(3, task)).collect::<Vec<_>>());
        assert!(fates.iter().any(|fate| matches!(fate, Fate::Poison { .. })));
        assert!(fates.contains(&Fate::Vanish) && fates.contains(&Fate::GiveUp));
    }
}
