//! Briefs as the inbox lists them, and what silence means for them.

use crate::{
    Error,
    ports::{BriefRecord, CategoryRule, DecisionRecord},
};
use countersign_brief::{Brief, BriefOption, Category, CategoryPolicy, Frozen, Silence, silence};
use countersign_domain::{
    How, Millis,
    brief::{BriefChoice, BriefState, DUE_SOON_MS, DecisionState, InboxSplit},
    hidden::shown,
    reading::{BriefRow, DecisionView},
};
use std::collections::BTreeSet;

/// A brief with the text that it was frozen with.
pub(crate) struct Thawed {
    pub record: BriefRecord,
    pub brief: Brief,
    pub frozen: Frozen,
}

impl Thawed {
    /// What is kept is checked against its hash each time: nobody decides on what somebody else wrote there.
    pub fn of(record: BriefRecord) -> Result<Self, Error> {
        let frozen = Frozen::read(&record.text).ok().filter(|frozen| frozen.sha256() == record.sha256);
        let frozen = frozen.ok_or_else(damaged)?;
        let brief = frozen.thaw().map_err(|_| damaged())?;
        Ok(Self { record, brief, frozen })
    }

    pub fn state(&self, now: Millis) -> BriefState {
        let record = &self.record;
        match &record.decision {
            Some(decision) if decision.state == DecisionState::Held => BriefState::Held,
            _ if record.is_decided => BriefState::Decided,
            _ if record.snoozed_until.is_some_and(|until| until > now) => BriefState::Snoozed,
            _ => BriefState::Open,
        }
    }

    pub fn row(&self, rules: &Rules, now: Millis) -> BriefRow {
        let (record, brief) = (&self.record, &self.brief);
        let state = self.state(now);
        let decision = record.decision.as_ref();
        BriefRow {
            id: record.id.to_string(),
            author: record.author.to_string(),
            written_by: record.written_by.clone(),
            name: record.name.clone(),
            title: brief.title.clone(),
            question: brief.question.clone(),
            category: brief.category.to_string(),
            is_reserved: rules.is_reserved(&brief.category),
            options: u32::try_from(brief.options.len()).unwrap_or(u32::MAX),
            risk: brief.options.iter().filter_map(|option| option.risk).max().map(|risk| risk.as_str().to_owned()),
            at_stake_micro_usd: brief.options.iter().map(|option| option.cost_micro_usd).max().unwrap_or(0),
            recommended: choice_words(&BriefChoice::Option(brief.recommendation.key.to_string()), brief),
            confidence_micro: brief.recommendation.confidence_micro,
            deadline: record.deadline,
            opened_at: record.opened_at,
            split: self.split(state, now),
            is_overdue: state != BriefState::Decided && record.deadline <= now,
            snoozed_until: record.snoozed_until.filter(|_| state == BriefState::Snoozed),
            held_until: decision.filter(|_| state == BriefState::Held).map(|decision| decision.held_until),
            outcome: decision.map(|decision| choice_words(&decision.choice, brief)),
            decided_by: decision.and_then(|decision| decision.by.as_ref()).map(|(_, name)| name.clone()),
            decided_at: decision.map(|decision| decision.at),
            state,
            version: record.version,
            sha256: record.sha256.to_string(),
            lint_score: record.mark.score,
            reading_s: record.mark.reading_s,
            unanswered: record.unanswered,
        }
    }

    fn split(&self, state: BriefState, now: Millis) -> InboxSplit {
        match state {
            BriefState::Decided => InboxSplit::Decided,
            BriefState::Snoozed => InboxSplit::Snoozed,
            BriefState::Open | BriefState::Held if self.record.deadline.0 - now.0 <= DUE_SOON_MS => InboxSplit::DueSoon,
            BriefState::Open | BriefState::Held => InboxSplit::Decisions,
        }
    }

    /// What happens at the deadline.
    pub fn silence(&self, rules: &Rules) -> Silence {
        let category = &self.brief.category;
        silence(&self.brief, rules.policy(category), rules.is_reserved(category))
    }
}

fn damaged() -> Error {
    Error::Conflict("What is kept of this brief is not what its hash says. Nothing can be decided on it.".to_owned())
}

/// What the founders let silence mean.
pub(crate) struct Rules(Vec<CategoryRule>);

impl Rules {
    pub fn new(rules: Vec<CategoryRule>) -> Self {
        Self(rules)
    }

    fn of(&self, category: &Category) -> Option<&CategoryRule> {
        self.0.iter().find(|rule| rule.category == category.as_str())
    }

    pub fn is_reserved(&self, category: &Category) -> bool {
        category.is_reserved() || self.of(category).is_some_and(|rule| rule.reserved)
    }

    pub fn policy(&self, category: &Category) -> CategoryPolicy {
        self.of(category).and_then(|rule| rule.silence.parse().ok()).unwrap_or_default()
    }

    /// The categories that the organization leaves to its founders besides those that every one does.
    pub fn reserved(&self) -> BTreeSet<Category> {
        self.0.iter().filter(|rule| rule.reserved).filter_map(|rule| rule.category.parse().ok()).collect()
    }
}

/// The option that was chosen, if one was.
pub(crate) fn chosen<'b>(choice: &BriefChoice, brief: &'b Brief) -> Option<&'b BriefOption> {
    match choice {
        BriefChoice::Option(key) => brief.options.iter().find(|option| option.key.as_str() == key),
        BriefChoice::Own(_) | BriefChoice::Rejected => None,
    }
}

/// A choice in a few words.
pub(crate) fn choice_words(choice: &BriefChoice, brief: &Brief) -> String {
    match choice {
        BriefChoice::Option(key) => match chosen(choice, brief) {
            Some(option) => format!("{key}: {}", option.title),
            None => key.clone(),
        },
        BriefChoice::Own(answer) => format!("Own answer: {}", shown(answer)),
        BriefChoice::Rejected => "Rejected".to_owned(),
    }
}

/// A decision for a page; `may_undo` as the reader may.
pub(crate) fn decision_view(record: &DecisionRecord, brief: &Brief, may_undo: bool) -> DecisionView {
    let how = match &record.policy {
        Some(policy) => format!("policy “{}”", policy.replace('_', " ")),
        None => record.how.parse::<How>().map_or_else(|()| record.how.clone(), |how| how.words().to_owned()),
    };
    DecisionView {
        id: record.id.to_string(),
        words: choice_words(&record.choice, brief),
        choice: record.choice.clone(),
        rationale: record.rationale.clone(),
        prediction: record.prediction.clone(),
        check_at: record.check_at,
        by: record.by.as_ref().map(|(_, name)| name.clone()),
        how,
        at: record.at,
        state: record.state,
        held_until: record.held_until,
        ended_at: record.ended_at,
        version: record.version,
        sha256: record.sha256.to_string(),
        is_signed: record.is_signed,
        is_damaged: false,
        decision_sha256: record.canonical_sha256.map(|hash| hash.to_string()),
        may_undo,
    }
}
