//! How the organization's means are shared out among its agents. Founders alone change it, by deciding a brief.

use crate::{AgentName, DecisionId, Millis};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All weights of an allocation together: per mille.
pub const WHOLE: u32 = 1_000;
/// The categories of briefs whose options may carry an allocation.
pub const CATEGORIES: [&str; 2] = ["resource_allocation", "budget"];

/// What one agent gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// In millionths of a dollar, a day.
    pub budget_micro_usd: i64,
    /// Per mille of the organization's capacity.
    pub weight: u32,
}

/// What each agent gets. Whoever is not named gets no share.
pub type Allocation = BTreeMap<AgentName, Share>;

/// Where nobody has decided anything yet: the same for each, in whole per mille; the first ones get what is left over.
pub fn equal_weights(agents: &[AgentName]) -> BTreeMap<AgentName, u32> {
    let Ok(count) = u32::try_from(agents.len()) else { return BTreeMap::new() };
    let sorted: std::collections::BTreeSet<&AgentName> = agents.iter().collect();
    let weight = |place: u32| WHOLE / count.max(1) + u32::from(place < WHOLE % count.max(1));
    (0..).zip(sorted).map(|(place, agent)| (agent.clone(), weight(place))).collect()
}

/// An allocation that was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub decision: DecisionId,
    pub at: Millis,
    pub shares: Allocation,
}

/// Of a share, in words: `25 %`, `12.5 %`.
pub fn percent(weight: u32) -> String {
    match weight % 10 {
        0 => format!("{} %", weight / 10),
        tenths => format!("{}.{tenths} %", weight / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_decision_all_weigh_the_same_and_nothing_is_lost() {
        for count in [1_usize, 2, 3, 7, 30] {
            let agents: Vec<AgentName> = (0..count).map(|number| format!("a{number}").parse().unwrap()).collect();
            let weights = equal_weights(&agents);
            assert_eq!(weights.values().sum::<u32>(), WHOLE, "{count}");
            let (least, most) = (weights.values().min().unwrap(), weights.values().max().unwrap());
            assert!(most - least <= 1, "{count}");
        }
        assert!(equal_weights(&[]).is_empty());
    }

    #[test]
    fn weights_are_told_in_percent() {
        assert_eq!((percent(1_000), percent(125), percent(0)), ("100 %".into(), "12.5 %".into(), "0 %".into()));
    }
}
