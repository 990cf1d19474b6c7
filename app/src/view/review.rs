//! Reviews and what they say, as faces and words.

use super::face::{Face, Tone};
use countersign_domain::{
    Millis,
    reading::{ReviewRow, RoleTurn},
    review::{ReviewDecision, ReviewState, Severity, Verdict},
};

pub fn state(row: &ReviewRow) -> Face {
    match row.state {
        ReviewState::Open if row.approvals > 0 => Face::new("Waits for another founder", "inbox", Tone::Warn),
        ReviewState::Open => Face::new("Waits for a founder", "inbox", Tone::Warn),
        // Never green: what was approved is not the newest any more.
        ReviewState::Approved if row.is_stale => Face::new("Stale: newer file waits", "hourglass", Tone::Quiet),
        ReviewState::Approved => Face::new("Approved", "check", Tone::Ok),
        ReviewState::Rejected => Face::new("Rejected", "x", Tone::Bad),
        ReviewState::Replaced => Face::new("Replaced", "history", Tone::Quiet),
        ReviewState::Revoked => Face::new("Revoked", "ban", Tone::Bad),
    }
}

/// Since when a review is what it is.
pub fn since(row: &ReviewRow) -> Millis {
    row.ended_at.unwrap_or(row.requested_at)
}

pub fn severity(severity: Severity) -> Face {
    match severity {
        Severity::Critical => Face::new("Critical", "octagon-x", Tone::Bad),
        Severity::High => Face::new("High", "triangle-alert", Tone::Bad),
        Severity::Medium => Face::new("Medium", "circle-alert", Tone::Warn),
        Severity::Low => Face::new("Low", "circle-dashed", Tone::Quiet),
    }
}

/// The newest probe, by the attempts that went wrong; `None` before the first.
pub fn probe(wrong: Option<u32>) -> Face {
    match wrong {
        None => Face::new("Not probed", "circle-dashed", Tone::Quiet),
        Some(0) => Face::new("Probe passed", "check", Tone::Ok),
        Some(_) => Face::new("Probe failed", "octagon-x", Tone::Bad),
    }
}

pub fn verdict(verdict: Verdict) -> Face {
    match verdict {
        Verdict::Approve => Face::new("Would approve", "check", Tone::Ok),
        Verdict::Reject => Face::new("Would reject", "x", Tone::Bad),
    }
}

pub fn turn(turn: RoleTurn) -> Face {
    match turn {
        RoleTurn::BanRemoved => Face::new("Ban removed", "octagon-x", Tone::Bad),
        RoleTurn::BanWeakened => Face::new("Ban weakened", "triangle-alert", Tone::Bad),
        RoleTurn::PowerGained => Face::new("Power gained", "plus", Tone::Warn),
        RoleTurn::PowerLost => Face::new("Power lost", "x", Tone::Ok),
        RoleTurn::LimitLooser => Face::new("Limit looser", "arrow-up", Tone::Warn),
        RoleTurn::LimitTighter => Face::new("Limit tighter", "check", Tone::Ok),
        RoleTurn::BanAdded => Face::new("Ban added", "ban", Tone::Ok),
        RoleTurn::Other => Face::new("Changed", "pencil", Tone::Quiet),
    }
}

/// What somebody did to a review, after their name.
pub fn decided(decision: ReviewDecision) -> &'static str {
    match decision {
        ReviewDecision::Approved => "approved it",
        ReviewDecision::Rejected => "rejected it",
        ReviewDecision::Revoked => "revoked it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_that_a_newer_file_waits_behind_is_never_green() {
        let mut row = ReviewRow {
            id: String::new(),
            agent: "backend".to_owned(),
            sha256: String::new(),
            author: "Ada".to_owned(),
            requested_at: Millis(0),
            state: ReviewState::Approved,
            ended_at: None,
            gravest: None,
            findings: 0,
            probe_wrong: Some(0),
            approvals: 0,
            needed: 1,
            self_approved: false,
            is_stale: false,
        };
        assert_eq!(state(&row).tone, Tone::Ok);
        row.is_stale = true;
        assert_eq!(state(&row).tone, Tone::Quiet);
    }
}
