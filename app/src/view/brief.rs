//! Decision briefs and what belongs to them, as faces and words.

use super::{
    face::{Face, Tone},
    number,
};
use countersign_domain::{
    brief::{BriefState, InboxSplit, Outcome},
    reading::{BriefRow, DecisionView, EvidenceCheck},
};

pub fn state(row: &BriefRow) -> Face {
    match row.state {
        BriefState::Open if row.is_overdue => Face::new("Overdue", "hourglass", Tone::Bad),
        BriefState::Open => Face::new("Waits for a founder", "inbox", Tone::Warn),
        BriefState::Snoozed => Face::new("Snoozed", "clock", Tone::Quiet),
        BriefState::Held => Face::new("Held: counts in seconds", "hourglass", Tone::Info),
        BriefState::Decided if row.outcome.is_some() && row.decided_by.is_none() => {
            Face::new("Decided by silence", "hourglass", Tone::Quiet)
        }
        BriefState::Decided => Face::new("Decided", "check", Tone::Ok),
    }
}

/// The part of the inbox in which it is listed.
pub fn split(split: InboxSplit) -> &'static str {
    match split {
        InboxSplit::DueSoon => "Due soon",
        InboxSplit::Decisions => "Decisions",
        InboxSplit::Snoozed => "Snoozed",
        InboxSplit::Decided => "Decided",
    }
}

/// A risk that an author gave; one that it did not give is none of these.
pub fn risk(risk: &str) -> Option<Face> {
    match risk {
        "low" => Some(Face::new("Low risk", "circle-dashed", Tone::Quiet)),
        "medium" => Some(Face::new("Medium risk", "circle-alert", Tone::Warn)),
        "high" => Some(Face::new("High risk", "triangle-alert", Tone::Bad)),
        _ => None,
    }
}

pub fn evidence(check: EvidenceCheck) -> Face {
    match check {
        EvidenceCheck::Verified => Face::new("Hash verified", "badge-check", Tone::Ok),
        EvidenceCheck::CheckedOnReading => Face::new("Checked when read", "check", Tone::Quiet),
        EvidenceCheck::Missing => Face::new("Missing", "circle-slash", Tone::Bad),
        EvidenceCheck::Damaged => Face::new("Damaged: another hash", "octagon-x", Tone::Bad),
        EvidenceCheck::Unknown => Face::new("Cannot be checked now", "circle-alert", Tone::Warn),
    }
}

/// Whether a person stands in for a decision with their key.
pub fn signature(decision: &DecisionView) -> Face {
    match decision.by {
        None if decision.how.starts_with("grant") => Face::new("Decided by grant", "badge-check", Tone::Info),
        _ => seal(decision.by.is_some(), decision.is_signed),
    }
}

/// As [`signature`], of a decision that somebody made or nobody did.
pub fn seal(by_somebody: bool, is_signed: bool) -> Face {
    match (by_somebody, is_signed) {
        (false, _) => Face::new("Decided by silence", "hourglass", Tone::Quiet),
        (true, true) => Face::new("Signed with a passkey", "badge-check", Tone::Ok),
        (true, false) => Face::new("Unsigned", "circle-alert", Tone::Warn),
    }
}

/// Of a decision that cannot be read.
pub fn damaged() -> Face {
    Face::new("Cannot be read", "shield-alert", Tone::Bad)
}

/// What somebody found who looked back.
pub fn outcome(outcome: Outcome) -> Face {
    match outcome {
        Outcome::Right => Face::new("Turned out right", "check", Tone::Ok),
        Outcome::Partly => Face::new("Partly right", "circle-dot-dashed", Tone::Warn),
        Outcome::Wrong => Face::new("Turned out wrong", "circle-x", Tone::Bad),
        Outcome::Unknown => Face::new("Cannot be said", "circle-dashed", Tone::Quiet),
    }
}

/// The day to look back has come.
pub fn look_back_due() -> Face {
    Face::new("Look back now", "history", Tone::Info)
}

/// Millionths of a dollar to the cent, as what was spent is written.
pub fn spent(micro_usd: i64) -> String {
    let cents = micro_usd.unsigned_abs().saturating_add(5_000) / 10_000;
    let sign = if micro_usd < 0 { "-" } else { "" };
    format!("{sign}${}.{:02}", number::grouped(cents / 100), cents % 100)
}

/// A share of many, in whole percent; nothing of nothing.
pub fn share(part: u32, of: u32) -> Option<String> {
    let part = u64::from(part) * 100;
    Some(format!("{} %", (part + u64::from(of) / 2).checked_div(u64::from(of))?))
}

/// `820_000` as `0.82`.
pub fn confidence(micro: u32) -> String {
    let hundredths = micro.saturating_add(5_000) / 10_000;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// What the dearest option costs, as a row has room for it.
pub fn at_stake(micro_usd: i64) -> Option<String> {
    let micro_usd = u64::try_from(micro_usd).ok().filter(|micro_usd| *micro_usd > 0)?;
    let cents = micro_usd.div_ceil(10_000);
    Some(format!("${}.{:02} at stake", number::grouped(cents / 100), cents % 100))
}

/// Millionths of a dollar as dollars and cents.
pub fn dollars(micro_usd: i64) -> String {
    let cents = micro_usd.unsigned_abs().saturating_add(5_000) / 10_000;
    let sign = if micro_usd < 0 { "-" } else { "" };
    format!("{sign}${}.{:02}", number::grouped(cents / 100), cents % 100)
}

/// How long it takes to read.
pub fn reading_time(seconds: u32) -> String {
    match seconds {
        0..60 => "under a minute".to_owned(),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// A category as people read it.
pub fn category(category: &str) -> String {
    category.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_has_two_places_and_is_never_more_than_one() {
        assert_eq!([0, 820_000, 994_999, 1_000_000].map(confidence), ["0.00", "0.82", "0.99", "1.00"]);
    }

    #[test]
    fn what_saves_money_puts_none_at_stake_and_a_small_cost_is_not_nothing() {
        assert_eq!(at_stake(-200_000_000), None);
        assert_eq!(at_stake(0), None);
        assert_eq!(at_stake(10).as_deref(), Some("$0.01 at stake"));
        assert_eq!(at_stake(1_234_560_000).as_deref(), Some("$1,234.56 at stake"));
    }

    #[test]
    fn what_was_spent_is_told_to_the_cent_and_a_share_of_nothing_is_none() {
        assert_eq!([0, 4_999, 5_000, 1_234_560_000].map(spent), ["$0.00", "$0.00", "$0.01", "$1,234.56"]);
        assert_eq!((share(1, 3).as_deref(), share(2, 3).as_deref(), share(0, 0)), (Some("33 %"), Some("67 %"), None));
    }

    #[test]
    fn a_risk_that_nobody_knows_has_no_chip() {
        assert_eq!(risk("high").map(|face| face.tone), Some(Tone::Bad));
        assert_eq!(risk("<b>"), None);
    }
}
