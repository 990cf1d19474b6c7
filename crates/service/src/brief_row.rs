//! Briefs as the inbox lists them, and what silence means for them.

use crate::{
    Error, Service,
    grant_check::is_sound,
    ports::{AwayRecord, BriefRecord, CategoryRule, DecisionRecord, GrantRecord},
};
use countersign_brief::{Brief, BriefOption, Category, CategoryPolicy, Frozen, Hold, Silence, money::dollars, silence};
use countersign_domain::{
    How, Millis, PersonId, TenantId,
    autonomy::GRANT_WAITS_MS,
    brief::{BriefChoice, BriefState, DUE_SOON_MS, DecisionState, InboxSplit},
    hidden::shown,
    reading::{BriefRow, DecisionView},
};
use std::collections::BTreeSet;

/// What founders have of each version before anybody decides in their place by a deadline.
const FOUNDERS_FIRST_MS: i64 = 60 * 60 * 1000;

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
            decided_by: decision.and_then(|decision| decided_by(record, decision)),
            decided_at: decision.map(|decision| decision.at),
            state,
            version: record.version,
            sha256: record.sha256.to_string(),
            lint_score: record.mark.score,
            reading_s: record.mark.reading_s,
            unanswered: record.unanswered,
            undo: None,
            delegate: waits(state).then(|| self.delegate(rules)).flatten().map(|(_, name)| name.clone()),
            is_delegated: waits(state) && self.is_delegated(rules, now),
            is_yours: false,
            acts_at: waits(state).then(|| self.grant(rules)).flatten().map(|(_, at)| at),
        }
    }

    /// Who decides it in the founders' place if they do not.
    pub fn delegate<'r>(&self, rules: &'r Rules) -> Option<&'r (PersonId, String)> {
        rules.delegate(&self.brief.category)
    }

    /// Whether that person may decide it now. The database asks the same. While agents are stopped, the clock stands.
    pub fn is_delegated(&self, rules: &Rules, now: Millis) -> bool {
        self.delegate(rules).is_some() && !self.record.is_frozen && (rules.away.is_some() || self.delegated_at() <= now)
    }

    /// From when on it is in somebody else's hands while no founder is away: from the deadline on, which its author chose,
    /// and never before founders had an hour with the version.
    fn delegated_at(&self) -> Millis {
        Millis(self.record.deadline.0.max(self.record.version_at.0 + FOUNDERS_FIRST_MS))
    }

    /// The grant by which its author acts on its recommendation, and when: after everybody could see for a while that it
    /// will. Where less time is left, it is left to people.
    pub fn grant<'r>(&self, rules: &'r Rules) -> Option<(&'r GrantRecord, Millis)> {
        let (record, brief) = (&self.record, &self.brief);
        if rules.is_reserved(&brief.category) || !brief.category.may_be_granted() || record.is_frozen {
            return None;
        }
        let author = record.author.agent();
        let grant = rules.grants.iter().find(|grant| {
            Some(&grant.terms.agent) == author.as_ref()
                && grant.terms.category == brief.category.as_str()
                && grant.used_today < grant.terms.most_a_day
        })?;
        let option = brief.option(&brief.recommendation.key).filter(|option| option.reversible)?;
        if brief.recommendation.confidence_micro < grant.terms.least_confidence_micro
            || option.cost_micro_usd > grant.terms.most_cost_micro_usd
        {
            return None;
        }
        let shown = record.version_at.0.max(grant.at.0) + GRANT_WAITS_MS;
        let at = Millis(shown.max(record.acts_from.0).max(grant.frees.0));
        let at = record.snoozed_until.filter(|until| *until > at).unwrap_or(at);
        (at < record.deadline && at < grant.terms.until).then_some((grant, at))
    }

    /// What happens at the deadline, in a sentence.
    pub fn silence_words(&self, silence: &Silence, rules: &Rules, now: Millis) -> String {
        match (silence, self.delegate(rules), &rules.away) {
            (Silence::Delegates, Some((_, name)), _) if self.is_delegated(rules, now) => {
                format!("{name} may decide it in the founders' place now. Nothing happens by itself.")
            }
            (Silence::Delegates, Some((_, name)), _) if self.record.deadline < self.delegated_at() => format!(
                "If nobody decides by then, {name} may decide it in the founders' place, from {} on: founders have an hour with each version. Nothing happens by itself.",
                self.delegated_at().to_words()
            ),
            (Silence::Delegates, Some((_, name)), _) => {
                format!(
                    "If nobody decides by then, {name} may decide it in the founders' place from then on. Nothing happens by itself."
                )
            }
            (Silence::Takes { .. }, _, Some(away)) => format!(
                "{} While the founders are away, silence decides {} of this agent's briefs within 24 hours at most, and spends {} at most; what is beyond waits for a person.",
                silence.sentence(&self.brief),
                away.caps.decisions,
                dollars(away.caps.cost_micro_usd)
            ),
            _ => silence.sentence(&self.brief),
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
        match silence(&self.brief, rules.policy(category), rules.is_reserved(category)) {
            // What did not happen at its moment does not happen later by itself.
            Silence::Takes { .. } if self.record.lapsed_at.is_some() => Silence::Holds(Hold::Lapsed),
            silence => silence,
        }
    }
}

fn damaged() -> Error {
    Error::Conflict("What is kept of this brief is not what its hash says. Nothing can be decided on it.".to_owned())
}

fn waits(state: BriefState) -> bool {
    matches!(state, BriefState::Open | BriefState::Snoozed)
}

/// What founders said before about what happens without them.
pub(crate) struct Rules {
    said: Vec<CategoryRule>,
    /// The absence that is on.
    pub away: Option<AwayRecord>,
    /// Those that count.
    grants: Vec<GrantRecord>,
}

impl Service {
    /// All that counts at the moment.
    pub(crate) async fn rules(&self, tenant: TenantId, now: Millis) -> Result<Rules, Error> {
        /// Absences that may be ahead of the one that is on.
        const AWAYS: u32 = 50;
        const GRANTS: u32 = 200;
        let said = self.ports.briefs.rules(tenant).await?;
        let away = self.ports.autonomy.aways(tenant, AWAYS).await?.into_iter().find(|away| away.is_on(now));
        let grants = self.ports.autonomy.grants(tenant, GRANTS).await?;
        let mut grants: Vec<GrantRecord> = grants.into_iter().filter(|grant| grant.is_live(now)).collect();
        let keys = self.keys_of(&grants).await?;
        grants.retain(|grant| is_sound(tenant, grant, &keys));
        Ok(Rules { said, away, grants })
    }
}

impl Rules {
    fn of(&self, category: &Category) -> Option<&CategoryRule> {
        self.said.iter().find(|rule| rule.category == category.as_str())
    }

    /// The word that counts: that of the absence, or else that of the category.
    fn word(&self, category: &Category) -> Option<&str> {
        let away = self.away.as_ref().and_then(|away| away.choice(category.as_str()));
        away.or_else(|| self.of(category).map(|rule| rule.silence.as_str()))
    }

    pub fn delegate(&self, category: &Category) -> Option<&(PersonId, String)> {
        if self.is_reserved(category) || self.policy(category) != CategoryPolicy::Delegate {
            return None;
        }
        let away = self.away.as_ref().filter(|away| away.choice(category.as_str()).is_some());
        match away {
            Some(away) => away.delegate.as_ref(),
            None => self.of(category)?.delegate.as_ref(),
        }
    }

    /// Whether anything at all is handed to somebody.
    pub fn names(&self, person: PersonId) -> bool {
        let away = self.away.iter().filter_map(|away| away.delegate.as_ref());
        away.chain(self.said.iter().filter_map(|rule| rule.delegate.as_ref())).any(|(named, _)| *named == person)
    }

    pub fn is_reserved(&self, category: &Category) -> bool {
        category.is_reserved() || self.of(category).is_some_and(|rule| rule.reserved)
    }

    pub fn policy(&self, category: &Category) -> CategoryPolicy {
        self.word(category).and_then(|word| word.parse().ok()).unwrap_or_default()
    }

    /// The categories that the organization leaves to its founders besides those that every one does.
    pub fn reserved(&self) -> BTreeSet<Category> {
        self.said.iter().filter(|rule| rule.reserved).filter_map(|rule| rule.category.parse().ok()).collect()
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

/// Who it was, and in whose name; nobody where silence did it.
fn decided_by(brief: &BriefRecord, decision: &DecisionRecord) -> Option<String> {
    match (&decision.by, &decision.for_person, &decision.grant) {
        (Some((_, name)), Some((_, founder)), _) => Some(format!("{name}, in {founder}'s place")),
        (Some((_, name)), None, _) => Some(name.clone()),
        (None, _, Some(grant)) => Some(format!("{}, by {}", brief.author, grant_words(grant))),
        (None, _, None) => None,
    }
}

/// “grant of Ada Lovelace of 27 Nov”.
pub(crate) fn grant_words((_, by, at): &(countersign_domain::GrantId, String, Millis)) -> String {
    format!("grant of {by} of {}", day_words(*at))
}

/// The day of a moment: “27 Nov”.
pub(crate) fn day_words(at: Millis) -> String {
    at.to_words().split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// A decision for a page; `may_undo` as the reader may.
pub(crate) fn decision_view(record: &DecisionRecord, brief: &Brief, may_undo: bool) -> DecisionView {
    let how = match &record.policy {
        Some(_) if record.grant.is_some() => record.grant.as_ref().map(grant_words).unwrap_or_default(),
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
        for_person: record.for_person.as_ref().map(|(_, name)| name.clone()),
        how,
        at: record.at,
        state: record.state,
        void_reason: record.void_reason,
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
