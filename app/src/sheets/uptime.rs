//! Uptime as a figure, and how it is come by.

use crate::view::{duration, number};
use countersign_domain::reading::Uptime;

/// What is measured, since when, how often, and what is not known.
pub const METHOD: &str = "Uptime is the share of the observed time in which the bus had the agent connected, from its \
    first connection on. Countersign asks the bus once a second. Where it did not get to ask for more than 15 s, because \
    it or the bus was down, the time is unknown: it counts neither as up nor as down. The fleet’s figure is that of the \
    time of all its agents added up; one that is revoked or retired counts as away.";

pub fn figure(uptime: Option<Uptime>) -> String {
    uptime.map_or_else(|| "–".to_owned(), |uptime| number::percent(uptime.share()))
}

/// How much was observed.
pub fn observed(uptime: Option<Uptime>) -> String {
    match uptime {
        Some(uptime) => format!("of {} observed", duration::words(uptime.observed_ms)),
        None => "not connected yet".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_method_names_the_limit_that_counts() {
        assert!(METHOD.contains(&duration::words(Uptime::UNKNOWN_AFTER_MS)), "{METHOD}");
        assert!(!METHOD.contains("  "), "{METHOD}");
    }

    #[test]
    fn a_figure_comes_with_how_much_was_observed() {
        let uptime = Uptime::new(9 * 3_600_000, 10 * 3_600_000);
        assert_eq!((figure(uptime).as_str(), observed(uptime).as_str()), ("90.0 %", "of 10 h observed"));
        assert_eq!((figure(None).as_str(), observed(None).as_str()), ("–", "not connected yet"));
        assert_eq!(Uptime::new(0, 0), None);
    }
}
