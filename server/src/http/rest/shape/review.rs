use super::{each, moment};
use countersign_domain::{
    reading::{Examination, ReviewDecisionRow, ReviewDetail, ReviewRow, Reviews, RoleChange},
    review::{Finding, ProbeReport, Severity, Verdict},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The review of one role file.
#[derive(Serialize, ToSchema)]
pub struct Review {
    #[schema(format = "uuid")]
    id: String,
    agent: String,
    /// SHA-256 of the role file, in hexadecimal.
    sha256: String,
    author: String,
    /// `open`, `approved`, `rejected`, `replaced` or `revoked`.
    state: &'static str,
    #[schema(format = DateTime)]
    requested_at: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// `critical`, `high`, `medium` or `low`; null where nothing was found.
    gravest: Option<&'static str>,
    findings: usize,
    /// Attempts of the newest probe that went wrong; null before the first probe.
    probe_wrong: Option<u32>,
    /// Founders who approved it, and how many have to.
    approvals: u32,
    approvals_needed: u32,
    /// Whether its author, the only founder, approved it.
    self_approved: bool,
    /// Whether a newer file waits behind the approved one.
    stale: bool,
}

impl From<ReviewRow> for Review {
    fn from(row: ReviewRow) -> Self {
        Self {
            id: row.id,
            agent: row.agent,
            sha256: row.sha256,
            author: row.author,
            state: row.state.as_str(),
            requested_at: row.requested_at.to_rfc3339(),
            ended_at: moment(row.ended_at),
            gravest: row.gravest.map(Severity::as_str),
            findings: row.findings,
            probe_wrong: row.probe_wrong,
            approvals: row.approvals,
            approvals_needed: row.needed,
            self_approved: row.self_approved,
            stale: row.is_stale,
        }
    }
}

/// What waits, what may run, and what was.
#[derive(Serialize, ToSchema)]
pub struct ReviewList {
    reviews: Vec<Review>,
}

impl From<Reviews> for ReviewList {
    fn from(found: Reviews) -> Self {
        Self { reviews: each(found.open.into_iter().chain(found.standing).chain(found.ended).collect()) }
    }
}

/// A review with all that is known of it. Invisible characters are made visible.
#[derive(Serialize, ToSchema)]
pub struct WholeReview {
    #[serde(flatten)]
    review: Review,
    mission: String,
    /// The role file.
    role: String,
    /// SHA-256 of the file that is approved now, where it is another one.
    approved_sha256: Option<String>,
    /// Against that one, the gravest first.
    changes: Vec<ReviewChange>,
    /// The built-in rules first, then the security officer.
    examinations: Vec<ReviewExamination>,
    probe: Option<ReviewProbe>,
    /// Who has to approve it, in a sentence.
    policy: String,
    /// Oldest first.
    decisions: Vec<ReviewWord>,
    /// Credentials of exactly this file that count now.
    live_credentials: u32,
    /// Credentials of other files of the agent that count now.
    other_credentials: u32,
}

/// What a role file changes.
#[derive(Serialize, ToSchema)]
pub struct ReviewChange {
    /// `ban_removed`, `ban_weakened`, `power_gained`, `power_lost`, `limit_looser`, `limit_tighter`, `ban_added` or
    /// `other`.
    turn: &'static str,
    sentence: String,
    line: u32,
}

/// What one examiner found.
#[derive(Serialize, ToSchema)]
pub struct ReviewExamination {
    /// The agent; null for the built-in rules.
    by: Option<String>,
    #[schema(format = DateTime)]
    at: String,
    /// `approve` or `reject`; null where none was given.
    verdict: Option<&'static str>,
    findings: Vec<ReviewFinding>,
}

/// What is risky in a role file.
#[derive(Serialize, ToSchema)]
pub struct ReviewFinding {
    rule: String,
    /// `critical`, `high`, `medium` or `low`.
    severity: &'static str,
    /// From 1; 0 where no place was told.
    line: u32,
    column: u32,
    path: String,
    why: String,
    fix: String,
}

/// How a throw-away credential of the file fared on the bus.
#[derive(Serialize, ToSchema)]
pub struct ReviewProbe {
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Attempts that went as they must, and those that did not.
    right: u32,
    wrong: u32,
    took_ms: i64,
}

/// A founder's word.
#[derive(Serialize, ToSchema)]
pub struct ReviewWord {
    /// `approved`, `rejected` or `revoked`.
    decision: &'static str,
    by: String,
    #[schema(format = DateTime)]
    at: String,
    /// How they had proven who they are.
    how: String,
    reason: String,
    self_approved: bool,
}

impl From<RoleChange> for ReviewChange {
    fn from(change: RoleChange) -> Self {
        Self { turn: change.turn.as_str(), sentence: change.sentence, line: change.line }
    }
}

impl From<Examination> for ReviewExamination {
    fn from(examination: Examination) -> Self {
        Self {
            by: examination.by,
            at: examination.at.to_rfc3339(),
            verdict: examination.verdict.map(Verdict::as_str),
            findings: each(examination.findings),
        }
    }
}

impl From<Finding> for ReviewFinding {
    fn from(finding: Finding) -> Self {
        Self {
            rule: finding.rule,
            severity: finding.severity.as_str(),
            line: finding.line,
            column: finding.column,
            path: finding.path,
            why: finding.why,
            fix: finding.fix,
        }
    }
}

impl From<ReviewDecisionRow> for ReviewWord {
    fn from(row: ReviewDecisionRow) -> Self {
        Self {
            decision: row.decision.as_str(),
            by: row.by,
            at: row.at.to_rfc3339(),
            how: row.how,
            reason: row.reason,
            self_approved: row.self_approved,
        }
    }
}

impl From<ReviewDetail> for WholeReview {
    fn from(detail: ReviewDetail) -> Self {
        let at = moment(detail.probed_at);
        let probe =
            |report: ProbeReport| ReviewProbe { at, right: report.right, wrong: report.wrong, took_ms: report.took_ms };
        Self {
            review: detail.row.into(),
            mission: detail.mission,
            role: detail.text,
            approved_sha256: detail.base.map(|base| base.sha256),
            changes: each(detail.changes),
            examinations: each(detail.examinations),
            probe: detail.probe.map(probe),
            policy: detail.policy,
            decisions: each(detail.decisions),
            live_credentials: detail.live_credentials,
            other_credentials: detail.other_credentials,
        }
    }
}
