//! Role files and their reviews, as people read them.

use super::DiffLine;
use crate::{
    Millis,
    review::{Finding, ProbeReport, ReviewDecision, ReviewState, Severity, Verdict},
};
use serde::{Deserialize, Serialize};

/// All that waits, and what was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviews {
    /// Those that wait for a founder, the gravest first.
    pub open: Vec<ReviewRow>,
    /// What may run now, in order of the agent's name.
    pub standing: Vec<ReviewRow>,
    /// The newest of the others.
    pub ended: Vec<ReviewRow>,
    pub quorum: Quorum,
    /// Whether the reader may decide.
    pub may_decide: bool,
}

/// How many founders approve a role file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quorum {
    /// All who count: not those who have just come, and those still who have just left.
    pub founders: u32,
    /// What each who said so asks for, by name; of those who count, the highest counts.
    pub asked: Vec<ApprovalsAsked>,
    /// Founders whose approval does not count yet, by name.
    pub newcomers: Vec<Newcomer>,
    /// Founders no more, who count still, by name; with when they stop to.
    pub leavers: Vec<(String, Millis)>,
}

/// A founder who has just become one, or was just linked to an account of an identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    pub name: String,
    pub is_you: bool,
    pub counts_from: Millis,
}

impl Quorum {
    /// What the founders ask for, be there so many or not.
    pub fn wanted(&self) -> u32 {
        self.asked.iter().filter(|one| one.counts).map(|one| one.approvals).max().unwrap_or(1)
    }

    /// When nobody counts beside the reader any more, where all others who do are founders no more.
    pub fn alone_from(&self) -> Option<Millis> {
        let all_others = self.founders == u32::try_from(self.leavers.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.leavers.iter().map(|(_, until)| *until).max().filter(|_| all_others)
    }

    /// How many approvals a founder's file needs: never more than there are founders beside its author.
    pub fn needed(&self) -> u32 {
        self.wanted().min(self.founders.saturating_sub(1)).max(1)
    }
}

/// How many approvals a founder asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalsAsked {
    pub by: String,
    pub approvals: u32,
    pub is_you: bool,
    /// Whether they are among the founders who count.
    pub counts: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRow {
    pub id: String,
    pub agent: String,
    /// 64 hexadecimal digits.
    pub sha256: String,
    pub author: String,
    pub requested_at: Millis,
    pub state: ReviewState,
    pub ended_at: Option<Millis>,
    /// Of all findings of all examiners; `None` without any.
    pub gravest: Option<Severity>,
    pub findings: usize,
    /// Attempts of the newest probe that went wrong; `None` before the first probe.
    pub probe_wrong: Option<u32>,
    /// Founders who approved it, and how many have to.
    pub approvals: u32,
    pub needed: u32,
    /// Whether whoever approved it is its author: a lone founder.
    pub self_approved: bool,
    /// A newer file of the agent waits: the approval is grey, and what runs goes on.
    pub is_stale: bool,
}

/// One review with all that a founder needs to decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewDetail {
    pub row: ReviewRow,
    pub title: Option<String>,
    pub mission: String,
    /// The file, byte for byte.
    pub text: String,
    /// The file that is approved now, where it is another one.
    pub base: Option<ReviewBase>,
    /// What changes in meaning, the gravest first; empty for an agent's first file.
    pub changes: Vec<RoleChange>,
    /// What changes in text; empty for an agent's first file.
    pub text_diff: Vec<DiffLine>,
    /// The agent's forbidden actions, the removed ones first.
    pub bans: Vec<BanRow>,
    pub powers: RolePowers,
    /// The built-in rules first, then the security officer.
    pub examinations: Vec<Examination>,
    pub probe: Option<ProbeReport>,
    pub probed_at: Option<Millis>,
    /// What has to hold before it can be approved.
    pub checklist: Vec<CheckRow>,
    /// Who may approve it, in a sentence.
    pub policy: String,
    pub decisions: Vec<ReviewDecisionRow>,
    /// Newest first, this one among them.
    pub history: Vec<ReviewRow>,
    /// The credentials of exactly this file that count now.
    pub live_credentials: u32,
    /// Those of other files of the agent that count now, and when the last of them ends.
    pub other_credentials: u32,
    pub other_credentials_end: Option<Millis>,
    /// Whether the reader may decide it.
    pub may_decide: bool,
}

impl ReviewDetail {
    /// Whether nothing but a founder's word is lacking.
    pub fn is_ready(&self) -> bool {
        self.checklist.iter().all(|row| row.holds)
    }

    /// How many founders have to approve it after the next one.
    pub fn lacking_after_next(&self) -> u32 {
        self.row.needed.saturating_sub(self.row.approvals + 1)
    }
}

/// What was approved before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewBase {
    pub review: String,
    pub sha256: String,
    pub approved_at: Millis,
}

/// Which way a change goes, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleTurn {
    BanRemoved,
    BanWeakened,
    PowerGained,
    PowerLost,
    LimitLooser,
    LimitTighter,
    BanAdded,
    Other,
}

impl RoleTurn {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BanRemoved => "ban_removed",
            Self::BanWeakened => "ban_weakened",
            Self::PowerGained => "power_gained",
            Self::PowerLost => "power_lost",
            Self::LimitLooser => "limit_looser",
            Self::LimitTighter => "limit_tighter",
            Self::BanAdded => "ban_added",
            Self::Other => "other",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChange {
    pub turn: RoleTurn,
    /// What it means.
    pub sentence: String,
    /// In the file that the change is seen in.
    pub line: u32,
}

/// Whether a forbidden action stood in the file before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BanTurn {
    Removed,
    Added,
    Kept,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BanRow {
    pub turn: BanTurn,
    pub words: String,
}

/// What a role really allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RolePowers {
    pub publish: Vec<String>,
    pub publish_denied: Vec<String>,
    pub subscribe: Vec<String>,
    /// Kinds of tasks that it takes; empty for any.
    pub kinds: Vec<String>,
    pub reads: Vec<String>,
    pub reads_denied: Vec<String>,
    pub hosts: Vec<String>,
    pub budget: String,
    /// Who starts it.
    pub launcher: String,
    pub queue: String,
    /// Objects for Kubernetes as YAML, for that launcher.
    pub kubernetes: Option<String>,
}

/// What one examiner says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// `None` for the built-in rules.
    pub by: Option<String>,
    pub at: Millis,
    pub verdict: Option<Verdict>,
    pub findings: Vec<Finding>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRow {
    pub holds: bool,
    /// What holds, or what is lacking and what to do.
    pub words: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewDecisionRow {
    pub decision: ReviewDecision,
    pub by: String,
    /// How they had proven who they are.
    pub how: String,
    pub at: Millis,
    pub reason: String,
    pub self_approved: bool,
}

/// What a file under edit comes to, before anybody proposes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleCheck {
    /// Everything that is wrong with it, each with its place and how to mend it.
    Faults { list: Vec<RoleFault>, more: usize },
    /// It can be proposed.
    Sound(Box<SoundRole>),
}

/// What a file without faults comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundRole {
    pub agent: String,
    pub sha256: String,
    pub powers: RolePowers,
    pub findings: Vec<Finding>,
    /// Against the file that is approved now; empty for an agent's first.
    pub changes: Vec<RoleChange>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleFault {
    pub line: u32,
    pub column: u32,
    pub path: String,
    pub why: String,
    pub fix: String,
}

/// What of the past would have gone otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleWhatIf {
    /// All tasks that were looked at, and those that concern the agent.
    pub tasks: u64,
    pub concerned: u64,
    pub refused: u64,
    pub newly_allowed: u64,
    pub refused_list: Vec<WhatIfRow>,
    pub newly_allowed_list: Vec<WhatIfRow>,
    pub took_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIfRow {
    pub task: String,
    pub recipient: String,
    pub kind: String,
    pub sender: Option<String>,
    pub at: Millis,
    /// Whether the agent would have sent it, and not taken it.
    pub sending: bool,
}

/// A stop in an emergency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetStop {
    pub by: String,
    pub at: Millis,
    pub reason: String,
}
