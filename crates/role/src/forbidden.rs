//! Forbidden actions: their names, which of them every role must have, and which have subjects on the bus.

use countersign_domain::AgentName;
use serde::Serialize;
use std::fmt;

/// A name in a forbidden action: `[a-z][a-z0-9_-]{0,63}`. Actions that the product does not know are kept: the
/// runner's tool gateway refuses the tool of that name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Word(String);

/// The most characters of a [`Word`].
pub const WORD_LEN: usize = 64;

impl Word {
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = text.bytes();
        let good = bytes.next().is_some_and(|b| b.is_ascii_lowercase())
            && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
            && text.len() <= WORD_LEN;
        good.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Under which condition a forbidden action is allowed after all. A closed list: the runner must be able to
/// find out whether the condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// A security review of the very content that the action is about has been approved.
    SecurityReviewApproved,
    /// A decision brief about it has been decided so by the founder.
    BriefDecided,
}

impl Condition {
    pub const ALL: [Self; 2] = [Self::SecurityReviewApproved, Self::BriefDecided];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SecurityReviewApproved => "security_review_approved",
            Self::BriefDecided => "brief_decided",
        }
    }
}

/// One line of `forbidden_actions`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Ban {
    pub action: Word,
    /// What of it is forbidden; `None`: all of it.
    pub scope: Option<Word>,
    pub unless: Option<Condition>,
}

impl Ban {
    /// Whether it forbids without any condition.
    pub fn is_absolute(&self) -> bool {
        self.unless.is_none()
    }

    fn known(&self) -> Option<Known> {
        Known::ALL.into_iter().find(|known| known.as_str() == self.action.as_str())
    }

    /// The known action that it forbids wholly and without a condition.
    pub(crate) fn forbids_all_of(&self) -> Option<Known> {
        self.known().filter(|_| self.scope.is_none() && self.is_absolute())
    }

    /// The agent that it forbids to give tasks to.
    pub(crate) fn forbidden_delegate(&self) -> Option<AgentName> {
        let scope = self.scope.as_ref().filter(|_| self.is_absolute() && self.known() == Some(Known::DelegateTask))?;
        scope.as_str().parse().ok()
    }

    /// The mandatory ban that it is, if it is one in full.
    pub(crate) fn mandatory(&self) -> Option<Mandatory> {
        let mandatory = Mandatory::ALL.into_iter().find(|m| m.action() == self.action.as_str())?;
        let wide = match &self.scope {
            None => true,
            Some(scope) => mandatory.scopes().contains(&scope.as_str()),
        };
        (wide && self.is_absolute()).then_some(mandatory)
    }

    /// Whether all that `other` forbids is forbidden by this one too.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.action == other.action
            && (self.scope.is_none() || self.scope == other.scope)
            && (self.is_absolute() || self.unless == other.unless)
    }
}

impl fmt::Display for Ban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.action)?;
        if let Some(scope) = &self.scope {
            write!(f, " ({scope})")?;
        }
        if let Some(condition) = self.unless {
            write!(f, " unless {}", condition.as_str())?;
        }
        Ok(())
    }
}

/// What every role must forbid, without a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mandatory {
    ApproveSecurityReview,
    DecideBrief,
    ReadVolume,
    ReadSecrets,
}

impl Mandatory {
    pub const ALL: [Self; 4] = [Self::ApproveSecurityReview, Self::DecideBrief, Self::ReadVolume, Self::ReadSecrets];

    pub fn action(self) -> &'static str {
        match self {
            Self::ApproveSecurityReview => "approve_security_review",
            Self::DecideBrief => "decide_brief",
            Self::ReadVolume => "read_volume",
            Self::ReadSecrets => "read_secrets",
        }
    }

    /// Scopes that are wide enough; no scope at all is too. Each agent's volume and secrets are in a namespace of
    /// its own, so those of other agents and of other namespaces are the same.
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::ApproveSecurityReview | Self::DecideBrief => &[],
            Self::ReadVolume | Self::ReadSecrets => &["other_agents", "other_namespaces"],
        }
    }

    /// As a line of the file.
    pub fn line(self) -> &'static str {
        match self {
            Self::ApproveSecurityReview => "{ action: approve_security_review }",
            Self::DecideBrief => "{ action: decide_brief }",
            Self::ReadVolume => "{ action: read_volume, scope: other_agents }",
            Self::ReadSecrets => "{ action: read_secrets, scope: other_namespaces }",
        }
    }
}

/// Actions that the compiler takes away on the bus or in the Workspace. Others are refused by the runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Known {
    ApproveSecurityReview,
    DecideBrief,
    ReadVolume,
    ReadSecrets,
    DelegateTask,
    RaiseBrief,
    ExamineSecurityReview,
    FlagConflict,
}

impl Known {
    pub const ALL: [Self; 8] = [
        Self::ApproveSecurityReview,
        Self::DecideBrief,
        Self::ReadVolume,
        Self::ReadSecrets,
        Self::DelegateTask,
        Self::RaiseBrief,
        Self::ExamineSecurityReview,
        Self::FlagConflict,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApproveSecurityReview => Mandatory::ApproveSecurityReview.action(),
            Self::DecideBrief => Mandatory::DecideBrief.action(),
            Self::ReadVolume => Mandatory::ReadVolume.action(),
            Self::ReadSecrets => Mandatory::ReadSecrets.action(),
            Self::DelegateTask => "delegate_task",
            Self::RaiseBrief => "raise_brief",
            Self::ExamineSecurityReview => "examine_security_review",
            Self::FlagConflict => "flag_conflict",
        }
    }

    /// Topics under `events.<agent>.` that would do it, or pretend that it was done.
    pub fn topics(self) -> &'static [&'static str] {
        match self {
            Self::ApproveSecurityReview => {
                &["review.approved", "review.rejected", "review.revoked", "review.overridden", "review.lifted"]
            }
            Self::DecideBrief => &["decision.>", "brief.decided"],
            Self::RaiseBrief => &["brief.prepared"],
            Self::ExamineSecurityReview => &["review.examined"],
            Self::FlagConflict => &["conflict.flagged"],
            Self::ReadVolume | Self::ReadSecrets | Self::DelegateTask => &[],
        }
    }

    /// Kinds of tasks that only the product may give, to anybody.
    pub fn kinds(self) -> &'static [&'static str] {
        match self {
            // How an agent learns of the founder's decision, and of what the console says to its briefs.
            Self::DecideBrief => &["decision_made", "brief_rejected", "brief_question"],
            _ => &[],
        }
    }

    /// Paths of the Workspace that are closed, whatever `reads` says.
    pub fn paths(self) -> &'static [&'static str] {
        match self {
            Self::ReadVolume => &["volumes/**"],
            Self::ReadSecrets => &["secrets/**"],
            _ => &[],
        }
    }

    /// The known action that `ban` forbids so far that its subjects are closed.
    pub fn closed_by(ban: &Ban) -> Option<Self> {
        if let Some(mandatory) = ban.mandatory() {
            return Self::ALL.into_iter().find(|known| known.as_str() == mandatory.action());
        }
        ban.forbids_all_of()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ban(action: &str, scope: Option<&str>, unless: Option<Condition>) -> Ban {
        Ban { action: Word::parse(action).unwrap(), scope: scope.and_then(Word::parse), unless }
    }

    #[test]
    fn a_mandatory_ban_counts_only_in_full() {
        assert_eq!(ban("decide_brief", None, None).mandatory(), Some(Mandatory::DecideBrief));
        assert_eq!(ban("decide_brief", Some("strategy"), None).mandatory(), None);
        assert_eq!(ban("decide_brief", None, Some(Condition::BriefDecided)).mandatory(), None);
        assert_eq!(ban("read_secrets", Some("other_namespaces"), None).mandatory(), Some(Mandatory::ReadSecrets));
        assert_eq!(ban("read_secrets", Some("production"), None).mandatory(), None);
    }

    #[test]
    fn a_ban_without_scope_or_condition_is_the_widest() {
        let all = ban("deploy", None, None);
        let some = ban("deploy", Some("production"), None);
        let unless = ban("deploy", None, Some(Condition::SecurityReviewApproved));
        assert!(all.covers(&some) && all.covers(&unless));
        assert!(!some.covers(&all) && !unless.covers(&all) && !some.covers(&unless));
    }
}
