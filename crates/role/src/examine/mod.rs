//! The built-in examination of a role file: what a reviewer should see before approving it. A file without
//! faults may still have findings; only people and the security officer judge them.
//!
//! To add a rule: a variant of [`Rule`] with its name, a function in one of the files here that calls
//! [`Examination::add`], a case in `tests/examine.rs`, and a section in `docs/role-files.md`.

mod bans;
mod budget;
mod manifest;
mod reach;
mod runtime;

pub use manifest::{ManifestFinding, examine_manifest};

use crate::{file::RoleFile, place::Place};
use countersign_domain::AgentName;
use serde::Serialize;

/// How grave a finding is, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Whoever approves this gives something away that agents must not have.
    Critical,
    /// Wider than any role of a fleet needs to be.
    High,
    /// To be weighed.
    Medium,
    /// Worth knowing.
    Low,
}

/// The rules, by the name that findings, documents and pages use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    BanRemoved,
    BanWeakened,
    ConditionalBan,
    MissingRecommendedBan,
    ContradictingBan,
    WildcardPermission,
    ForeignSecrets,
    DelegatesToEveryone,
    NewHost,
    InsideHost,
    PrivilegedPod,
    PrivilegedCommand,
    UnpinnedImage,
    BudgetAbsent,
    BudgetRaised,
    BudgetOnlyAlerts,
    VolumeGrown,
    MissionEmpty,
}

impl Rule {
    pub const ALL: [Self; 18] = [
        Self::BanRemoved,
        Self::BanWeakened,
        Self::ConditionalBan,
        Self::MissingRecommendedBan,
        Self::ContradictingBan,
        Self::WildcardPermission,
        Self::ForeignSecrets,
        Self::DelegatesToEveryone,
        Self::NewHost,
        Self::InsideHost,
        Self::PrivilegedPod,
        Self::PrivilegedCommand,
        Self::UnpinnedImage,
        Self::BudgetAbsent,
        Self::BudgetRaised,
        Self::BudgetOnlyAlerts,
        Self::VolumeGrown,
        Self::MissionEmpty,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::BanRemoved => "ban-removed",
            Self::BanWeakened => "ban-weakened",
            Self::ConditionalBan => "conditional-ban",
            Self::MissingRecommendedBan => "missing-recommended-ban",
            Self::ContradictingBan => "contradicting-ban",
            Self::WildcardPermission => "wildcard-permission",
            Self::ForeignSecrets => "foreign-secrets",
            Self::DelegatesToEveryone => "delegates-to-everyone",
            Self::NewHost => "new-host",
            Self::InsideHost => "inside-host",
            Self::PrivilegedPod => "privileged-pod",
            Self::PrivilegedCommand => "privileged-command",
            Self::UnpinnedImage => "unpinned-image",
            Self::BudgetAbsent => "budget-absent",
            Self::BudgetRaised => "budget-raised",
            Self::BudgetOnlyAlerts => "budget-only-alerts",
            Self::VolumeGrown => "volume-grown",
            Self::MissionEmpty => "mission-empty",
        }
    }
}

/// What an examination found in a role file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub rule: Rule,
    pub severity: Severity,
    /// Where in the examined file; of what is no longer there, where it would stand.
    pub place: Place,
    /// The field.
    pub path: String,
    /// One sentence: what is risky about it.
    pub why: String,
    /// One sentence: what would mend it.
    pub fix: String,
}

/// What a file is examined against.
#[derive(Debug, Clone, Copy, Default)]
pub struct Background<'b> {
    /// The file of this agent that is approved now; `None` for its first.
    pub approved: Option<&'b RoleFile>,
    /// The agents of the organization, this one among them or not.
    pub fleet: &'b [AgentName],
}

/// The findings so far, and what they are found in.
struct Examination<'e> {
    file: &'e RoleFile,
    background: Background<'e>,
    findings: Vec<Finding>,
}

impl Examination<'_> {
    fn add(
        &mut self,
        rule: Rule,
        severity: Severity,
        path: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let path = path.into();
        let place = self.file.places.nearest(&path);
        self.findings.push(Finding { rule, severity, place, path, why: why.into(), fix: fix.into() });
    }
}

/// Examines a role file by all rules: the gravest findings first, in the order of the file among equals.
pub fn examine(file: &RoleFile, background: Background<'_>) -> Vec<Finding> {
    let mut examination = Examination { file, background, findings: Vec::new() };
    bans::examine(&mut examination);
    reach::examine(&mut examination);
    runtime::examine(&mut examination);
    budget::examine(&mut examination);
    if file.role.mission.is_empty() {
        let why = "Nobody can judge whether its powers fit what it is for: its mission is empty.";
        examination.add(
            Rule::MissionEmpty,
            Severity::Medium,
            "spec.mission",
            why,
            "Say in a sentence what the agent is for.",
        );
    }
    let mut findings = examination.findings;
    findings.sort_by_key(|finding| (finding.severity, finding.place, finding.rule));
    findings
}
