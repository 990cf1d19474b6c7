//! How agents' recommendations fared: how often founders agreed with them, and how often what was taken proved right.
//! What the numbers would support is said here, and nothing is granted by it.

use crate::{Millis, brief::Outcome};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// So many decisions in a row support a grant, and no fewer.
pub const LEAST_RUN: usize = 10;
/// The confidences from which on a grant may be proposed, in millionths, the widest first.
pub const THRESHOLDS: [u32; 5] = [500_000, 600_000, 700_000, 800_000, 900_000];
/// Where the bins of the calibration begin, in millionths. The last one ends at 1, and has it.
pub const BINS: [u32; 6] = [0, 500_000, 600_000, 700_000, 800_000, 900_000];

/// One decision that counts, with what its author had recommended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub agent: String,
    pub category: String,
    pub at: Millis,
    /// How sure the author was, in millionths.
    pub confidence_micro: u32,
    /// A founder decided; otherwise silence did.
    pub by_founder: bool,
    /// The recommended option was taken.
    pub followed: bool,
    pub outcome: Option<Outcome>,
}

/// What became of an agent's recommendations in a category.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackRow {
    pub agent: String,
    pub category: String,
    /// By founders and by silence.
    pub decided: u32,
    /// Founders took what was recommended.
    pub agreed: u32,
    /// Founders took something else, wrote an answer of their own, or rejected it.
    pub overridden: u32,
    pub by_silence: u32,
    pub right: u32,
    pub partly: u32,
    pub wrong: u32,
    pub unknown: u32,
}

/// Recommendations that were about as sure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalibrationBin {
    pub from_micro: u32,
    pub to_micro: u32,
    /// Founders decided so many, and agreed with so many of them. The mean of what was stated is over the same.
    pub decided: u32,
    pub agreed: u32,
    pub decided_mean_micro: u32,
    /// Of those that were taken so many were looked back on and could be judged, and so many were right. The mean is over
    /// these.
    pub judged: u32,
    pub right: u32,
    pub judged_mean_micro: u32,
}

/// What the numbers would support.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Support {
    pub agent: String,
    pub category: String,
    /// For recommendations at least as sure as this, in millionths.
    pub at_least_micro: u32,
    /// Founders agreed so many times in a row.
    pub agreed: u32,
    /// Of these so many were looked back on and right, or partly so.
    pub proven: u32,
}

/// By agent and category, in the order of their names.
pub fn track(decisions: &[Judged]) -> Vec<TrackRow> {
    let mut rows: BTreeMap<(&str, &str), TrackRow> = BTreeMap::new();
    for one in decisions {
        let row = rows.entry((&one.agent, &one.category)).or_insert_with(|| TrackRow {
            agent: one.agent.clone(),
            category: one.category.clone(),
            ..TrackRow::default()
        });
        row.decided += 1;
        match (one.by_founder, one.followed) {
            (true, true) => row.agreed += 1,
            (true, false) => row.overridden += 1,
            (false, _) => row.by_silence += 1,
        }
        match one.outcome {
            Some(Outcome::Right) => row.right += 1,
            Some(Outcome::Partly) => row.partly += 1,
            Some(Outcome::Wrong) => row.wrong += 1,
            Some(Outcome::Unknown) => row.unknown += 1,
            None => {}
        }
    }
    rows.into_values().collect()
}

/// Stated confidence against agreement, and against what came of it. How it turned out is asked of what was recommended and
/// taken alone: what came of another choice says nothing about the recommendation.
pub fn calibration(decisions: &[Judged]) -> Vec<CalibrationBin> {
    let bin = |index: usize| {
        let (from_micro, to_micro) = (BINS[index], BINS.get(index + 1).copied().unwrap_or(1_000_000));
        let is_last = index + 1 == BINS.len();
        let inside = |one: &&Judged| one.confidence_micro >= from_micro && (one.confidence_micro < to_micro || is_last);
        let all: Vec<&Judged> = decisions.iter().filter(inside).collect();
        let decided: Vec<&Judged> = all.iter().copied().filter(|one| one.by_founder).collect();
        let is_judged = |one: &&Judged| one.followed && one.outcome.is_some_and(|outcome| outcome != Outcome::Unknown);
        let judged: Vec<&Judged> = all.iter().copied().filter(is_judged).collect();
        CalibrationBin {
            from_micro,
            to_micro,
            decided: counted(decided.len()),
            agreed: counted(decided.iter().filter(|one| one.followed).count()),
            decided_mean_micro: mean(&decided),
            judged: counted(judged.len()),
            right: counted(judged.iter().filter(|one| one.outcome == Some(Outcome::Right)).count()),
            judged_mean_micro: mean(&judged),
        }
    };
    (0..BINS.len()).map(bin).collect()
}

/// For which agents and categories the numbers would support a grant, each from the least confidence on that they
/// support: some decision of the run was hardly surer than that. Founders agreed [`LEAST_RUN`] times in a row up to the
/// newest decision, and none of these proved wrong. A category that `is_reserved` is never among them. What silence decided
/// is nobody's agreement; where it proved wrong, it ends the run.
pub fn supported(decisions: &[Judged], is_reserved: impl Fn(&str) -> bool) -> Vec<Support> {
    let pairs: BTreeSet<(&str, &str)> =
        decisions.iter().map(|one| (one.agent.as_str(), one.category.as_str())).collect();
    let support = |(agent, category): (&str, &str)| {
        let counts = |one: &&Judged| one.by_founder || (one.followed && one.outcome == Some(Outcome::Wrong));
        let mut own: Vec<&Judged> =
            decisions.iter().filter(|one| one.agent == agent && one.category == category).filter(counts).collect();
        own.sort_by_key(|one| std::cmp::Reverse(one.at));
        THRESHOLDS.iter().enumerate().find_map(|(index, least)| {
            let sure = own.iter().filter(|one| one.confidence_micro >= *least);
            let run: Vec<_> = sure.take_while(|one| one.followed && one.outcome != Some(Outcome::Wrong)).collect();
            let proven = run.iter().filter(|one| matches!(one.outcome, Some(Outcome::Right | Outcome::Partly)));
            // Where all were surer, nobody agreed with what is as unsure as this: the next threshold has the same run.
            let next = THRESHOLDS.get(index + 1).copied().unwrap_or(u32::MAX);
            let is_tested = run.iter().any(|one| one.confidence_micro < next);
            (is_tested && run.len() >= LEAST_RUN).then(|| Support {
                agent: agent.to_owned(),
                category: category.to_owned(),
                at_least_micro: *least,
                agreed: counted(run.len()),
                proven: counted(proven.count()),
            })
        })
    };
    pairs.into_iter().filter(|(_, category)| !is_reserved(category)).filter_map(support).collect()
}

/// Of what was stated; zero of none.
fn mean(of: &[&Judged]) -> u32 {
    let sum: u64 = of.iter().map(|one| u64::from(one.confidence_micro)).sum();
    sum.checked_div(of.len() as u64).and_then(|mean| u32::try_from(mean).ok()).unwrap_or(0)
}

fn counted(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(at: i64, confidence_micro: u32) -> Judged {
        Judged {
            agent: "cto".to_owned(),
            category: "refactoring".to_owned(),
            at: Millis(at),
            confidence_micro,
            by_founder: true,
            followed: true,
            outcome: None,
        }
    }

    fn run(count: i64, confidence_micro: u32) -> Vec<Judged> {
        (1..=count).map(|at| one(at, confidence_micro)).collect()
    }

    fn support(decisions: &[Judged]) -> Option<(u32, u32, u32)> {
        let found = supported(decisions, |category| category == "budget");
        found.first().map(|found| (found.at_least_micro, found.agreed, found.proven))
    }

    #[test]
    fn ten_in_a_row_support_a_grant_and_nine_do_not() {
        assert_eq!(support(&run(9, 950_000)), None);
        assert_eq!(support(&run(12, 950_000)), Some((900_000, 12, 0)));
        assert_eq!(support(&run(12, 300_000)), None, "nobody grants what its author doubts");
    }

    #[test]
    fn the_first_override_ends_what_was_supported_and_older_ones_do_not_count_any_more() {
        let mut list = run(12, 950_000);
        list.push(Judged { followed: false, ..one(13, 950_000) });
        assert_eq!(support(&list), None);
        list.extend((14..24).map(|at| one(at, 950_000)));
        assert_eq!(support(&list), Some((900_000, 10, 0)), "since the override");
    }

    #[test]
    fn an_override_of_what_was_less_sure_leaves_what_is_surer() {
        let mut list = run(12, 950_000);
        list.push(Judged { followed: false, ..one(13, 820_000) });
        assert_eq!(support(&list), Some((900_000, 12, 0)));
    }

    #[test]
    fn no_confidence_is_supported_that_nobody_agreed_with() {
        let mut list = run(12, 950_000);
        list[3].confidence_micro = 720_000;
        assert_eq!(support(&list), Some((700_000, 12, 0)));
        list[4].confidence_micro = 500_000;
        assert_eq!(support(&list), Some((500_000, 12, 0)));
        list[4].confidence_micro = 499_999;
        assert_eq!(support(&list), Some((700_000, 11, 0)), "what its author doubts is no part of it");
    }

    #[test]
    fn what_proved_wrong_supports_nothing_and_what_proved_right_is_told() {
        let mut list = run(12, 950_000);
        list[11].outcome = Some(Outcome::Right);
        list[10].outcome = Some(Outcome::Partly);
        list[9].outcome = Some(Outcome::Unknown);
        assert_eq!(support(&list), Some((900_000, 12, 2)));
        list[11].outcome = Some(Outcome::Wrong);
        assert_eq!(support(&list), None);
    }

    #[test]
    fn silence_is_nobodys_agreement_and_what_is_reserved_is_never_granted() {
        let silent: Vec<Judged> = run(12, 950_000).into_iter().map(|one| Judged { by_founder: false, ..one }).collect();
        assert_eq!(support(&silent), None);
        let mut list = run(12, 950_000);
        list.push(Judged { by_founder: false, outcome: Some(Outcome::Right), ..one(13, 950_000) });
        assert_eq!(support(&list), Some((900_000, 12, 0)), "what silence decided well is not counted");
        list.push(Judged { by_founder: false, outcome: Some(Outcome::Wrong), ..one(14, 950_000) });
        assert_eq!(support(&list), None, "what was taken by silence and proved wrong ends it");
        list.extend((15..25).map(|at| one(at, 950_000)));
        assert_eq!(support(&list), Some((900_000, 10, 0)), "and is none of what follows");
        let mut other = run(12, 950_000);
        other.push(Judged { by_founder: false, followed: false, outcome: Some(Outcome::Wrong), ..one(13, 950_000) });
        assert_eq!(support(&other), Some((900_000, 12, 0)), "another choice was wrong, not the recommendation");
        let reserved: Vec<Judged> =
            run(12, 950_000).into_iter().map(|one| Judged { category: "budget".to_owned(), ..one }).collect();
        assert_eq!(support(&reserved), None);
    }

    #[test]
    fn agents_and_categories_are_counted_apart() {
        let mut list = run(9, 950_000);
        list.extend((1..=9).map(|at| Judged { agent: "ceo".to_owned(), ..one(at, 950_000) }));
        list.push(Judged { followed: false, outcome: Some(Outcome::Wrong), ..one(20, 950_000) });
        list.push(Judged { by_founder: false, outcome: Some(Outcome::Unknown), ..one(21, 950_000) });
        let rows = track(&list);
        assert_eq!(rows.iter().map(|row| row.agent.as_str()).collect::<Vec<_>>(), ["ceo", "cto"]);
        let cto = &rows[1];
        assert_eq!((cto.decided, cto.agreed, cto.overridden, cto.by_silence), (11, 9, 1, 1));
        assert_eq!((cto.right, cto.partly, cto.wrong, cto.unknown), (0, 0, 1, 1));
        assert_eq!(support(&list), None, "nine of each are not ten of one");
    }

    #[test]
    fn a_bin_has_its_lower_end_and_the_last_one_both() {
        let sure = [0, 499_999, 500_000, 899_999, 900_000, 1_000_000];
        let list: Vec<Judged> = sure.into_iter().map(|confidence| one(1, confidence)).collect();
        let bins = calibration(&list);
        assert_eq!(bins.iter().map(|bin| bin.decided).collect::<Vec<_>>(), [2, 1, 0, 0, 1, 2]);
        assert_eq!((bins[5].from_micro, bins[5].to_micro, bins[5].decided_mean_micro), (900_000, 1_000_000, 950_000));
        assert_eq!((bins[2].decided_mean_micro, bins[5].judged_mean_micro), (0, 0));
    }

    #[test]
    fn what_came_of_another_choice_says_nothing_about_the_recommendation() {
        let list = [
            Judged { outcome: Some(Outcome::Right), ..one(1, 950_000) },
            Judged { outcome: Some(Outcome::Wrong), ..one(2, 950_000) },
            Judged { outcome: Some(Outcome::Unknown), ..one(3, 950_000) },
            Judged { followed: false, outcome: Some(Outcome::Right), ..one(4, 950_000) },
            Judged { by_founder: false, outcome: Some(Outcome::Right), ..one(5, 950_000) },
        ];
        let bin = &calibration(&list)[5];
        assert_eq!((bin.decided, bin.agreed, bin.judged, bin.right), (4, 3, 3, 2));
    }

    #[test]
    fn each_share_stands_at_the_mean_of_what_it_is_of() {
        let list = [
            one(1, 900_000),
            Judged { followed: false, outcome: Some(Outcome::Right), ..one(2, 940_000) },
            Judged { by_founder: false, outcome: Some(Outcome::Wrong), ..one(3, 980_000) },
        ];
        let bin = &calibration(&list)[5];
        assert_eq!((bin.decided, bin.decided_mean_micro), (2, 920_000));
        assert_eq!((bin.judged, bin.judged_mean_micro), (1, 980_000));
    }
}
