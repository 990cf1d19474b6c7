//! Security reviews: who found what in a role file, and who let it run.

use crate::{Millis, artifact::ArtifactHash};
use serde::{Deserialize, Serialize};

/// What became of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// It waits for a founder.
    Open,
    /// Its content may run.
    Approved,
    Rejected,
    /// Newer content came before anybody decided, or took the place of what was approved.
    Replaced,
    /// What was approved may run no longer.
    Revoked,
}

impl ReviewState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Replaced => "replaced",
            Self::Revoked => "revoked",
        }
    }
}

impl std::str::FromStr for ReviewState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Open, Self::Approved, Self::Rejected, Self::Replaced, Self::Revoked]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(())
    }
}

/// What a founder may say of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewDecision {
    Approved,
    Rejected,
    /// Of what was approved.
    Revoked,
}

impl ReviewDecision {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Revoked => "revoked",
        }
    }
}

impl std::str::FromStr for ReviewDecision {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Approved, Self::Rejected, Self::Revoked].into_iter().find(|one| one.as_str() == text).ok_or(())
    }
}

/// How grave a finding is, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Critical,
    High,
    Medium,
    Low,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// What an examiner found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's name.
    pub rule: String,
    pub severity: Severity,
    /// Line and column in the file, from 1; 0 where no place was told.
    #[serde(default)]
    pub line: u32,
    #[serde(default)]
    pub column: u32,
    /// The field; empty where none was told.
    #[serde(default)]
    pub path: String,
    /// What is risky.
    pub why: String,
    /// What would mend it; may be empty.
    #[serde(default)]
    pub fix: String,
}

/// What an examiner makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Approve,
    Reject,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }
}

/// What the security officer says, as `events.cso.review.examined` carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    /// The review's id.
    pub review: String,
    pub subject_sha256: ArtifactHash,
    pub verdict: Verdict,
    #[serde(default)]
    pub findings: Vec<Finding>,
}

/// One thing that a probe tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeLine {
    /// What it was to prove, in words.
    pub proof: String,
    /// `publish`, `request` or `subscribe`.
    pub verb: String,
    pub subject: String,
    /// Whether the bus must refuse it.
    pub must_be_refused: bool,
    pub was_refused: bool,
}

impl ProbeLine {
    pub fn is_right(&self) -> bool {
        self.must_be_refused == self.was_refused
    }
}

/// What a probe came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// How many attempts went as they must, and how many did not.
    pub right: u32,
    pub wrong: u32,
    pub took_ms: i64,
    pub lines: Vec<ProbeLine>,
}

impl ProbeReport {
    pub fn of(lines: Vec<ProbeLine>, took_ms: i64) -> Self {
        let count = |right: bool| {
            u32::try_from(lines.iter().filter(|line| line.is_right() == right).count()).unwrap_or(u32::MAX)
        };
        Self { right: count(true), wrong: count(false), took_ms, lines }
    }
}

/// Nobody can ask for more founders' approvals of one role file.
pub const MOST_APPROVALS: u32 = 9;

/// For so long the approval of who has just become a founder does not count, and who has just left counts still. The
/// migration `0018_founders_who_count.sql` has the same number. Milliseconds.
pub const FOUNDERS_SETTLE_MS: i64 = 72 * 60 * 60 * 1000;

/// Why the approval of a founder does not count yet, and from when on it does.
pub fn counts_later(from: Millis, now: Millis) -> String {
    let when = in_hours(from, now);
    format!(
        "Your approval counts {when}: 3 days after you became a founder, or were linked to an account for single sign-on."
    )
}

/// Why the author of a file cannot approve it though they are the only founder left, and from when on they can.
pub fn alone_later(from: Millis, now: Millis) -> String {
    let when = in_hours(from, now);
    format!(
        "You proposed it, and whoever was a founder beside you in the last 3 days counts still. You can approve it alone {when}."
    )
}

fn in_hours(at: Millis, now: Millis) -> String {
    let hours = (at.since(now).max(0) + HOUR_MS - 1) / HOUR_MS;
    if hours > 1 { format!("in {hours} hours") } else { "within the hour".to_owned() }
}

const HOUR_MS: i64 = 60 * 60 * 1000;

/// A probe counts for so long. Milliseconds.
pub const PROBE_COUNTS_MS: i64 = 60 * 60 * 1000;
