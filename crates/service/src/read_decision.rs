//! One decision: what was known when it was made, and what followed.

use crate::{
    Error, Service,
    brief_row::decision_view,
    decision_check::receipt,
    kept_decision::{follows, is_due, thaw, trace_of},
    markdown,
    policy::{Action, rank},
    ports::{JournaledDecision, KeptDecision, StoreError},
    read_brief::options,
    visible_text::shown,
};
use countersign_brief::Brief;
use countersign_domain::{
    Actor, DecisionId, TenantId,
    brief::{BriefAct, DecisionState},
    decision::Sealed,
    reading::{DecidedBrief, DecisionView, LookBackView, RecommendationView, SigningKey, WholeDecision},
};
use countersign_receipt::{Trusted, Verdict, verify};

/// What stands for a decision.
#[derive(Default)]
struct Standing {
    key: Option<SigningKey>,
    unsigned: Option<String>,
    rule: Option<String>,
}

impl Service {
    /// Whatever became of it: one that was taken back has its address too.
    pub async fn read_decision(&self, actor: &Actor, id: DecisionId) -> Result<WholeDecision, Error> {
        self.allow(actor, Action::Read)?;
        let (tenant, now) = (actor.tenant, self.ports.clock.now());
        let history = &self.ports.decision_history;
        let kept = history.find(tenant, id).await?;
        let brief = thaw(&kept)?;
        let counts = kept.record.state == DecisionState::Made;
        let entry = match kept.record.ended_at.filter(|_| counts) {
            Some(at) => history.entry(tenant, id, at).await?,
            None => None,
        };
        let mut faults = Vec::new();
        if kept.version_sha256 != kept.record.sha256 || !self.is_whole(tenant, &kept.record).await? {
            faults.push("It is not what was said and kept at the time.".to_owned());
        }
        if counts {
            match &entry {
                None => faults.push("No entry of the journal tells of it.".to_owned()),
                Some(entry) if !agrees(&kept, entry) => {
                    faults.push(format!("Entry {} of the journal tells it otherwise.", entry.seq));
                }
                Some(_) => {}
            }
        }
        let standing = self.standing(tenant, &kept).await?;
        let trace = trace_of(&kept, &brief);
        let since = kept.record.ended_at.unwrap_or(kept.record.at);
        let is_founder = rank(actor.role) >= rank(Action::LookBack.needs());
        let via = kept.via.clone();
        Ok(WholeDecision {
            decision: DecisionView { is_damaged: !faults.is_empty(), ..decision_view(&kept.record, &brief, false) },
            faults,
            from: via.as_ref().map(|via| via.from.clone()).filter(|from| !from.is_empty()),
            token: via.and_then(|via| via.token),
            entry: entry.map(|entry| entry.seq),
            key: standing.key,
            unsigned: standing.unsigned,
            rule: standing.rule,
            evidence: self.evidence_of(tenant, &brief).await?,
            follows: follows(&kept.record.choice, &brief),
            followed: history.followed(tenant, &trace, &kept.author, since).await?,
            trace,
            look_back: LookBackView {
                check_at: kept.check_at(),
                is_due: counts && is_due(&kept, now),
                outcome: kept.outcome,
                rows: history.look_backs(tenant, id).await?,
            },
            may_look_back: counts && is_founder,
            brief: decided(&kept, &brief),
        })
    }

    async fn standing(&self, tenant: TenantId, kept: &KeptDecision) -> Result<Standing, Error> {
        if kept.record.by.is_none() {
            let unsigned = Some("Nobody said anything in time, so nobody signed it.".to_owned());
            return Ok(Standing { unsigned, ..Standing::default() });
        }
        let (canonical, seal) = match self.ports.decisions.sealed(tenant, kept.record.id).await {
            Ok(sealed) => sealed,
            Err(StoreError::NotFound) => return Ok(Standing::default()),
            Err(error) => return Err(error.into()),
        };
        let verdict = receipt(&canonical, seal.as_deref()).ok().and_then(|it| verify(&it, &Trusted::default()).ok());
        let rule = |sealed: &Sealed| Some(sealed.decision().policy.clone());
        Ok(match verdict {
            Some(Verdict::Countersigned(signed)) => Standing {
                rule: rule(&signed.decision),
                key: Some(SigningKey {
                    fingerprint: signed.key.to_string(),
                    origin: signed.origin,
                    covers: signed.covers,
                }),
                unsigned: None,
            },
            Some(Verdict::Unsigned(unsigned)) => {
                Standing { rule: rule(&unsigned.decision), key: None, unsigned: Some(unsigned.reason) }
            }
            None => Standing::default(),
        })
    }
}

/// Whether the journal says the same.
fn agrees(kept: &KeptDecision, entry: &JournaledDecision) -> bool {
    let record = &kept.record;
    let BriefAct::Decided(decided) = &entry.act else { return false };
    entry.by == record.by.as_ref().map(|(person, _)| *person)
        && entry.brief == record.brief
        && decided.version == record.version
        && decided.sha256 == record.sha256
        && decided.choice == record.choice
        && decided.rationale == record.rationale
        && decided.prediction == record.prediction
        && decided.check_at == record.check_at
        && decided.said_at == record.at
        && decided.policy == record.policy
        && decided.decision_sha256 == record.canonical_sha256
        && decided.signed == record.is_signed
}

fn decided(kept: &KeptDecision, brief: &Brief) -> DecidedBrief {
    let (context_html, _) = markdown::html(&brief.context_md);
    DecidedBrief {
        id: kept.record.brief.to_string(),
        author: kept.author.to_string(),
        name: kept.name.clone(),
        title: brief.title.clone(),
        question: brief.question.clone(),
        category: brief.category.to_string(),
        version: kept.record.version,
        sha256: kept.record.sha256.to_string(),
        asked_at: kept.asked_at,
        deadline: brief.deadline,
        at_deadline: brief.at_deadline.as_ref().map(ToString::to_string),
        context_html,
        context_source: shown(&brief.context_md).0,
        options: options(brief, None),
        recommendation: RecommendationView {
            key: brief.recommendation.key.to_string(),
            why: brief.recommendation.why.clone(),
            confidence_micro: brief.recommendation.confidence_micro,
        },
        input_needed: brief.input_needed.clone(),
        correlation_id: brief.correlation_id.clone(),
    }
}
