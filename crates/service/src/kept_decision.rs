//! Decisions as they are kept, read back with the brief that they are about.

use crate::{Error, brief_row::choice_words, ports::KeptDecision};
use countersign_brief::{Brief, Frozen};
use countersign_domain::{Millis, brief::BriefChoice, reading::DecisionLogRow};

/// The brief in the version that was decided on. What is kept is checked against its hash each time.
pub(crate) fn thaw(kept: &KeptDecision) -> Result<Brief, Error> {
    let frozen = Frozen::read(&kept.text).ok().filter(|frozen| frozen.sha256() == kept.version_sha256);
    frozen.and_then(|frozen| frozen.thaw().ok()).ok_or_else(|| {
        Error::Conflict("What is kept of the brief that was decided is not what its hash says.".to_owned())
    })
}

/// Whether the author's recommendation was taken.
pub(crate) fn follows(choice: &BriefChoice, brief: &Brief) -> bool {
    matches!(choice, BriefChoice::Option(key) if *key == brief.recommendation.key.as_str())
}

/// Whether its day to be looked back on has come, and nobody said anything yet.
pub(crate) fn is_due(kept: &KeptDecision, now: Millis) -> bool {
    kept.outcome.is_none() && kept.check_at().is_some_and(|at| at <= now)
}

pub(crate) fn log_row(kept: &KeptDecision, brief: &Brief, now: Millis) -> DecisionLogRow {
    let record = &kept.record;
    DecisionLogRow {
        id: record.id.to_string(),
        brief: record.brief.to_string(),
        at: record.ended_at.unwrap_or(record.at),
        title: brief.title.clone(),
        question: brief.question.clone(),
        category: brief.category.to_string(),
        agent: kept.author.to_string(),
        words: choice_words(&record.choice, brief),
        rationale: record.rationale.clone(),
        by: record.by.as_ref().map(|(_, name)| name.clone()),
        is_signed: record.is_signed,
        followed: follows(&record.choice, brief),
        confidence_micro: brief.recommendation.confidence_micro,
        check_at: kept.check_at(),
        is_due: is_due(kept, now),
        outcome: kept.outcome,
        is_damaged: false,
    }
}

/// Of a decision that cannot be read: that it is there, since when, and who decided. Nothing that was changed is repeated.
pub(crate) fn damaged_row(kept: &KeptDecision) -> DecisionLogRow {
    let record = &kept.record;
    DecisionLogRow {
        id: record.id.to_string(),
        brief: record.brief.to_string(),
        at: record.ended_at.unwrap_or(record.at),
        title: String::new(),
        question: "This decision cannot be read: what is kept of its brief was changed.".to_owned(),
        category: String::new(),
        agent: kept.author.to_string(),
        words: String::new(),
        rationale: String::new(),
        by: record.by.as_ref().map(|(_, name)| name.clone()),
        is_signed: record.is_signed,
        followed: false,
        confidence_micro: 0,
        check_at: kept.check_at(),
        is_due: false,
        outcome: kept.outcome,
        is_damaged: true,
    }
}

/// The trace of what follows from a decision: the brief's, or one of its own.
pub(crate) fn trace_of(kept: &KeptDecision, brief: &Brief) -> String {
    brief.correlation_id.clone().unwrap_or_else(|| kept.record.brief.to_string())
}
