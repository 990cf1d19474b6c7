//! One brief with all that a founder needs to decide it.

use crate::{
    Error, Service,
    brief_row::{Thawed, choice_words, day_words, decision_view},
    markdown,
    policy::{Action, rank},
    ports::{DecisionRecord, VersionRecord},
    visible_text::shown,
};
use countersign_brief::{Brief, Frozen, Silence, difference, money::dollars, shares};
use countersign_domain::{
    Actor, ArtifactHash, BriefId, Millis, TenantId,
    brief::{BriefChoice, BriefState, DecisionState, VoidReason},
    reading::{
        BriefAnswer, BriefChange, BriefEvent, BriefRow, BriefVersion, BriefView, DecisionView, EvidenceView,
        OptionView, RecommendationView,
    },
};

/// Reads of a brief before what changes meanwhile is shown as it was found.
const READS: u32 = 5;

impl Service {
    /// The brief, and what was said of it, of the same moment: a word may begin to count between two reads.
    async fn brief_and_words(&self, tenant: TenantId, id: BriefId) -> Result<(Thawed, Vec<DecisionRecord>), Error> {
        let mut reads = 0;
        loop {
            let thawed = Thawed::of(self.ports.briefs.find(tenant, id).await?)?;
            let said = self.ports.decisions.of_brief(tenant, id).await?;
            let stands = |one: &&DecisionRecord| matches!(one.state, DecisionState::Held | DecisionState::Made);
            let state = |one: &DecisionRecord| (one.id, one.state);
            reads += 1;
            if said.iter().rfind(stands).map(state) == thawed.record.decision.as_ref().map(state) || reads == READS {
                return Ok((thawed, said));
            }
        }
    }

    /// The newest version. `since` is the one that the reader saw before, if any: the difference is told from there.
    pub async fn read_brief(
        &self,
        actor: &Actor,
        id: BriefId,
        since: Option<ArtifactHash>,
    ) -> Result<BriefView, Error> {
        self.allow(actor, Action::Read)?;
        let now = self.ports.clock.now();
        let tenant = actor.tenant;
        let (thawed, said) = self.brief_and_words(tenant, id).await?;
        let rules = self.rules(tenant, now).await?;
        let versions = self.ports.briefs.versions(tenant, id).await?;
        let thread = self.ports.briefs.thread(tenant, id).await?.into_iter().map(visible).collect::<Vec<_>>();
        let evidence = self.evidence_of(tenant, &thawed.brief).await?;
        let frozen_at = versions.first().map_or(thawed.record.opened_at, |version| version.at);
        let facts = self.facts_beside(tenant, &thawed, frozen_at).await?;
        let silence = thawed.silence(&rules);
        let is_yours = thawed.delegate(&rules).is_some_and(|(person, _)| *person == actor.person);
        let row = BriefRow { is_yours, ..thawed.row(&rules, now) };
        let waits = matches!(row.state, BriefState::Open | BriefState::Snoozed);
        let is_delegate = is_yours && row.is_delegated && rank(actor.role) >= rank(Action::DecideDelegated.needs());
        let may_decide = rank(actor.role) >= rank(Action::DecideBrief.needs()) || is_delegate;
        let blocked = blocked(&thawed, row.state, &evidence);
        let view = |record: &DecisionRecord| {
            let own = record.by.as_ref().is_some_and(|(person, _)| *person == actor.person);
            let may_undo = own && record.state == DecisionState::Held && now < record.held_until;
            decision_view(record, &thawed.brief, may_undo)
        };
        let (current, past): (Vec<_>, Vec<_>) =
            said.iter().partition(|one| matches!(one.state, DecisionState::Held | DecisionState::Made));
        let silence_option = match &silence {
            Silence::Takes { option, .. } => Some(option.to_string()),
            Silence::Holds(_) | Silence::Delegates => None,
        };
        let by_grant = thawed.grant(&rules).filter(|_| waits).map(|(grant, _)| {
            let option = choice_words(&BriefChoice::Option(thawed.brief.recommendation.key.to_string()), &thawed.brief);
            format!(
                "By grant of {} of {}: option {option} takes effect unless somebody decides otherwise. It can be undone.",
                grant.by.1,
                day_words(grant.at)
            )
        });
        let (context_html, _) = markdown::html(&thawed.brief.context_md);
        Ok(BriefView {
            options: options(&thawed.brief, silence_option.as_deref()),
            recommendation: RecommendationView {
                key: thawed.brief.recommendation.key.to_string(),
                why: thawed.brief.recommendation.why.clone(),
                confidence_micro: thawed.brief.recommendation.confidence_micro,
            },
            facts,
            input_needed: thawed.brief.input_needed.clone(),
            correlation_id: thawed.brief.correlation_id.clone(),
            silence: thawed.silence_words(&silence, &rules, now),
            silence_option,
            by_grant,
            is_frozen: waits && thawed.record.is_frozen,
            decision: match current.last() {
                Some(record) => {
                    Some(DecisionView { is_damaged: !self.is_whole(actor.tenant, record).await?, ..view(record) })
                }
                None => None,
            },
            past_decisions: past.into_iter().map(view).collect(),
            difference: changes(&versions, thawed.record.sha256, since, &thawed.brief),
            strip: strip(&thawed, &versions, &thread, &said),
            versions: versions
                .iter()
                .map(|version| BriefVersion {
                    version: version.version,
                    sha256: version.sha256.to_string(),
                    at: version.at,
                    is_shown: version.sha256 == thawed.record.sha256,
                })
                .collect(),
            may_decide: may_decide && waits,
            may_sign: may_decide && waits && self.may_sign(actor).await?,
            context_html,
            context_source: shown(&thawed.brief.context_md).0,
            evidence,
            thread,
            blocked,
            row,
        })
    }

    /// What the version `sha256` says otherwise than the newest one, for somebody who decided on it.
    pub(crate) async fn difference_from(
        &self,
        actor: &Actor,
        id: BriefId,
        sha256: ArtifactHash,
        newest: &Brief,
    ) -> Result<Vec<BriefChange>, Error> {
        let versions = self.ports.briefs.versions(actor.tenant, id).await?;
        Ok(versions
            .iter()
            .find(|version| version.sha256 == sha256)
            .and_then(text_of)
            .map(|before| told(&before, newest))
            .unwrap_or_default())
    }
}

/// An agent's answer, with nothing hidden in it.
fn visible(answer: BriefAnswer) -> BriefAnswer {
    BriefAnswer { answer: answer.answer.map(|text| shown(&text).0), ..answer }
}

pub(crate) fn options(brief: &Brief, silence: Option<&str>) -> Vec<OptionView> {
    let view = |option: &countersign_brief::BriefOption| OptionView {
        key: option.key.to_string(),
        title: option.title.clone(),
        consequence: option.consequence.clone(),
        cost_micro_usd: option.cost_micro_usd,
        cost: dollars(option.cost_micro_usd),
        effort: option.effort.clone(),
        is_reversible: option.reversible,
        risk: option.risk.map(|risk| risk.as_str().to_owned()),
        allocation: option.allocation.as_ref().map(shares),
        is_recommended: option.key == brief.recommendation.key,
        is_of_silence: silence == Some(option.key.as_str()),
    };
    brief.options.iter().map(view).collect()
}

/// Why it cannot be decided now.
fn blocked(thawed: &Thawed, state: BriefState, evidence: &[EvidenceView]) -> Option<String> {
    match state {
        BriefState::Decided => Some("This brief is decided.".to_owned()),
        BriefState::Held => Some("A decision is held: it counts in some seconds unless it is taken back.".to_owned()),
        BriefState::Open | BriefState::Snoozed => unsound(evidence)
            .map(|what| format!("{what} It can be rejected, or its author asked."))
            .filter(|_| !thawed.record.is_decided),
    }
}

/// The first artifact on which nobody may decide, in a sentence.
pub(crate) fn unsound(evidence: &[EvidenceView]) -> Option<String> {
    use countersign_domain::reading::EvidenceCheck;
    let bad = evidence.iter().find(|one| !one.check.is_sound())?;
    Some(match bad.check {
        EvidenceCheck::Damaged => format!("The evidence “{}” is not what its hash says any more.", bad.title),
        EvidenceCheck::Unknown => format!("Whether the evidence “{}” is whole cannot be seen now.", bad.title),
        _ => format!("The evidence “{}” is not there any more.", bad.title),
    })
}

fn text_of(version: &VersionRecord) -> Option<Brief> {
    let frozen = Frozen::read(&version.text).ok().filter(|frozen| frozen.sha256() == version.sha256)?;
    frozen.thaw().ok()
}

fn told(before: &Brief, after: &Brief) -> Vec<BriefChange> {
    let change = |change: countersign_brief::Change| BriefChange {
        what: change.what,
        before: change.before,
        after: change.after,
    };
    difference(before, after).into_iter().map(change).collect()
}

/// From what the reader saw, or else from the version before.
fn changes(
    versions: &[VersionRecord],
    shown: ArtifactHash,
    since: Option<ArtifactHash>,
    newest: &Brief,
) -> Vec<BriefChange> {
    let older = |version: &&VersionRecord| version.sha256 != shown;
    let before = match since {
        Some(since) => versions.iter().filter(older).find(|version| version.sha256 == since),
        None => versions.iter().find(older),
    };
    before.and_then(text_of).map(|before| told(&before, newest)).unwrap_or_default()
}

/// What happened to it, oldest first.
fn strip(
    thawed: &Thawed,
    versions: &[VersionRecord],
    thread: &[BriefAnswer],
    said: &[DecisionRecord],
) -> Vec<BriefEvent> {
    let author = thawed.record.written_by.clone().unwrap_or_else(|| thawed.record.author.to_string());
    let mut list: Vec<BriefEvent> = Vec::new();
    let mut note = |at: Millis, words: String| list.push(BriefEvent { at, words });
    for version in versions {
        match version.version {
            1 => note(version.at, format!("{author} asked")),
            number => note(version.at, format!("{author} asked anew: version {number}")),
        }
    }
    for question in thread {
        note(question.at, format!("{} asked {author}", question.by));
        if let Some(at) = question.answered_at.filter(|_| question.answer.is_some()) {
            note(at, format!("{author} answered"));
        }
    }
    if let Some(at) = thawed.record.lapsed_at {
        note(at, "The deadline passed, and nothing happened by it".to_owned());
    }
    for one in said {
        let who = match (&one.by, &one.grant) {
            (Some((_, name)), _) => name.clone(),
            (None, Some((_, by, at))) => format!("{author}, by grant of {by} of {},", day_words(*at)),
            (None, None) => "Silence".to_owned(),
        };
        let place = one.for_person.as_ref().map(|(_, name)| format!(" in {name}'s place")).unwrap_or_default();
        note(one.at, format!("{who} decided{place}"));
        if let Some(at) = one.ended_at.filter(|_| one.by.is_some()) {
            let words = match one.state {
                DecisionState::Made | DecisionState::Held => "The decision counts, and was told".to_owned(),
                DecisionState::TakenBack => format!("{who} took it back"),
                DecisionState::Voided if one.void_reason == Some(VoidReason::NoFounder) => {
                    format!("{who} was no founder any more, and the decision is void")
                }
                DecisionState::Voided => "A newer version voided it".to_owned(),
            };
            note(at, words);
        }
    }
    list.sort_by_key(|event| event.at);
    list
}
