//! What it costs that nobody decides: by this the desk puts what waits in order.
//!
//! It is a figure to compare briefs by, and no bill. A day of waiting costs what the agents that wait for it cost a
//! day, and the share of what the choice moves that one more day uses up of the time left. So a brief on which many
//! agents wait comes before one on which none does, a dear choice before a cheap one, and each comes nearer to the top
//! as its deadline does.

use crate::Millis;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Reported costs are the mean of so many days.
pub const REPORTED_DAYS: i64 = 7;
/// Reported costs from here on count, until now. Milliseconds.
pub const REPORTED_MS: i64 = REPORTED_DAYS * DAY_MS;
/// Less than this is not left: a deadline that is over is as near as one in an hour.
const LEAST_LEFT_MS: i64 = HOUR_MS;

/// An agent that waits for a decision. Millionths of a dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdleAgent {
    /// What it reported in the last seven days together.
    pub reported: i64,
    /// What its approved role may use a day, where that is said.
    pub budget: Option<i64>,
}

impl IdleAgent {
    /// What a day of it costs: the mean of what it reported; the budget where it reported nothing; `None` where neither
    /// is known.
    pub fn day(self) -> Option<i64> {
        if self.reported > 0 { Some(self.reported / REPORTED_DAYS) } else { self.budget.filter(|budget| *budget > 0) }
    }
}

/// What is known of a brief that waits.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'a> {
    pub deadline: Millis,
    /// What each option costs, in millionths of a dollar; less than nothing is saved.
    pub options: &'a [i64],
    /// Its author, and each agent that has tasks in its trace.
    pub agents: &'a [IdleAgent],
    /// Tasks of its trace that have not ended.
    pub blocked_tasks: u32,
}

/// What a day of waiting costs, and of what that is made. Millionths of a dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaitingCost {
    /// What the agents that wait cost a day.
    pub idle: i64,
    /// What of the choice's money a day uses up.
    pub stake: i64,
    /// The dearest option less the cheapest.
    pub spread: i64,
    pub agents: u32,
    /// Of those, the ones whose cost nobody knows: they count as nothing.
    pub unknown: u32,
    pub blocked_tasks: u32,
}

impl WaitingCost {
    /// A day, all told.
    pub fn total(self) -> i64 {
        self.idle.saturating_add(self.stake)
    }
}

/// What a day of waiting costs.
pub fn waiting_cost(waiting: &Waiting<'_>, now: Millis) -> WaitingCost {
    let known = waiting.agents.iter().filter_map(|agent| agent.day());
    let least = waiting.options.iter().copied().min().unwrap_or_default();
    let spread = waiting.options.iter().copied().max().unwrap_or_default().saturating_sub(least);
    let left = waiting.deadline.0.saturating_sub(now.0).max(LEAST_LEFT_MS);
    let stake = i128::from(spread) * i128::from(DAY_MS) / i128::from(left);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    WaitingCost {
        idle: known.fold(0, i64::saturating_add),
        stake: i64::try_from(stake).unwrap_or(i64::MAX),
        spread,
        agents: count(waiting.agents.len()),
        unknown: count(waiting.agents.iter().filter(|agent| agent.day().is_none()).count()),
        blocked_tasks: waiting.blocked_tasks,
    }
}

/// By what briefs are sorted: the dearest wait first; of equal ones that with the nearer deadline, then that with more
/// tasks behind it, then the older one.
pub fn order(cost: WaitingCost, deadline: Millis, opened_at: Millis) -> impl Ord {
    (std::cmp::Reverse(cost.total()), deadline, std::cmp::Reverse(cost.blocked_tasks), opened_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_795_390_193_999);
    const USD: i64 = 1_000_000;

    fn cost(hours: i64, options: &[i64], agents: &[IdleAgent]) -> WaitingCost {
        let waiting = Waiting { deadline: Millis(NOW.0 + hours * HOUR_MS), options, agents, blocked_tasks: 0 };
        waiting_cost(&waiting, NOW)
    }

    fn reported(usd: i64) -> IdleAgent {
        IdleAgent { reported: usd * USD, budget: Some(99 * USD) }
    }

    #[test]
    fn a_day_costs_what_the_agents_that_wait_cost_and_a_share_of_what_the_choice_moves() {
        let agents =
            [reported(35), IdleAgent { reported: 0, budget: Some(4 * USD) }, IdleAgent { reported: 0, budget: None }];
        let two_days = cost(48, &[40 * USD, 0, -200 * USD], &agents);
        assert_eq!((two_days.idle, two_days.stake, two_days.spread), (9 * USD, 120 * USD, 240 * USD));
        assert_eq!((two_days.agents, two_days.unknown, two_days.total()), (3, 1, 129 * USD));
    }

    #[test]
    fn the_nearer_the_deadline_the_more_a_day_costs_and_a_passed_one_is_as_near_as_an_hour() {
        let options = [10 * USD, 0];
        let at = |hours| cost(hours, &options, &[]).stake;
        assert!(at(2) > at(24) && at(24) > at(240));
        assert_eq!((at(24), at(1), at(0), at(-500)), (10 * USD, 240 * USD, 240 * USD, 240 * USD));
    }

    #[test]
    fn options_that_cost_the_same_move_nothing_and_no_figure_overflows() {
        assert_eq!(cost(24, &[5 * USD, 5 * USD], &[]).total(), 0);
        assert_eq!(cost(24, &[], &[]), WaitingCost::default());
        let most = cost(0, &[i64::MAX, i64::MIN], &[IdleAgent { reported: i64::MAX, budget: None }; 9]);
        assert_eq!((most.stake, most.total()), (i64::MAX, i64::MAX));
    }

    #[test]
    fn the_dearest_wait_comes_first_then_the_nearer_deadline_then_more_tasks_then_the_older_brief() {
        let (near, far) = (Millis(NOW.0 + HOUR_MS), Millis(NOW.0 + DAY_MS));
        let of = |idle, blocked_tasks| WaitingCost { idle, blocked_tasks, ..WaitingCost::default() };
        let mut list = [
            ("old", of(1, 0), far, Millis(1)),
            ("dear", of(9, 0), far, Millis(2)),
            ("near", of(1, 0), near, Millis(3)),
            ("older", of(1, 0), far, Millis(0)),
            ("blocks", of(1, 3), far, Millis(4)),
        ];
        list.sort_by_key(|(_, cost, deadline, opened)| order(*cost, *deadline, *opened));
        assert_eq!(list.map(|(name, ..)| name), ["dear", "near", "blocks", "older", "old"]);
    }
}
