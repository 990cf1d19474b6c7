//! What the clock alone does with briefs: decisions that were held begin to count, and silence does at a deadline what
//! was said before. Any number of servers may do it at once; each thing happens once.

use crate::{
    Error, Service,
    brief_row::{Thawed, chosen},
    ports::{BriefRecord, NewGranted, NewSilence, Settled, Telling},
    read_brief::unsound,
};
use countersign_brief::{CategoryPolicy, Silence};
use countersign_domain::{DecisionId, GrantId, Millis, TaskId, TenantId, brief::BriefChoice, reading::EvidenceCheck};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

/// What was due so long ago has been settled, or cannot be. Two clocks may differ a little. Milliseconds.
const SETTLED_MS: i64 = 2_000;

impl Service {
    /// Does what is due; answers when something is due next.
    pub async fn settle_briefs(&self, tenant: TenantId) -> Result<Option<Millis>, Error> {
        let now = self.ports.clock.now();
        let due = self.ports.decisions.due(tenant).await?;
        let mut more = false;
        for record in due {
            let (Some(decision), Some(thawed)) = (record.decision.clone(), self.thawed(record)) else { continue };
            // Nothing follows from what somebody changed behind the founder's back.
            if !self.is_whole(tenant, &decision).await? {
                if self.damaged.is_news(decision.id.0) {
                    tracing::error!(decision.id = %decision.id, "a held decision is not what was said; it does not count");
                }
                continue;
            }
            more = true;
            let telling = self.telling(&thawed, &decision.choice, now);
            self.ports.decisions.make(tenant, decision.id, telling, now).await?;
        }
        let granted = self.ports.autonomy.granted(tenant, now).await?;
        let silent = self.ports.decisions.silent(tenant, now).await?;
        for (record, grant) in granted {
            if let Some(thawed) = self.thawed(record) {
                self.act_by_grant(tenant, thawed, grant).await?;
            }
        }
        for record in silent {
            if let Some(thawed) = self.thawed(record) {
                self.keep_silence(tenant, thawed).await?;
            }
        }
        // What could not be done now is not due at once again: it is looked at with the next change, or in half a minute.
        let next = self.ports.decisions.next_due(tenant, Millis(now.0 - SETTLED_MS)).await?;
        Ok(if more { Some(now) } else { next })
    }

    /// What founders said is asked for each brief, and once more after its evidence was looked at: that takes long, and
    /// whoever comes back meanwhile is heard.
    async fn keep_silence(&self, tenant: TenantId, thawed: Thawed) -> Result<(), Error> {
        let now = self.ports.clock.now();
        let rules = self.rules(tenant, now).await?;
        let silence = thawed.silence(&rules);
        let Silence::Takes { option, by } = &silence else {
            let why = thawed.silence_words(&silence, &rules, now);
            return Ok(self.ports.decisions.lapse(tenant, thawed.record.id, &why, None, now).await?);
        };
        // A founder could not decide on it either. What cannot be looked at now is looked at again.
        let evidence = self.evidence_read(tenant, &thawed.brief).await?;
        let now = self.ports.clock.now();
        if thawed.silence(&self.rules(tenant, now).await?) != silence {
            return Ok(());
        }
        if evidence.iter().any(|one| one.check == EvidenceCheck::Unknown) {
            return Ok(());
        }
        if let Some(why) = unsound(&evidence) {
            return Ok(self.ports.decisions.lapse(tenant, thawed.record.id, &why, None, now).await?);
        }
        let choice = BriefChoice::Option(option.to_string());
        let new = NewSilence {
            id: DecisionId(self.ports.entropy.uuid(now)),
            brief: thawed.record.id,
            sha256: thawed.record.sha256,
            option: option.to_string(),
            policy: CategoryPolicy::as_str(*by).to_owned(),
            cost_micro_usd: chosen(&choice, &thawed.brief).map_or(0, |option| option.cost_micro_usd),
            telling: self.telling(&thawed, &choice, now),
        };
        let brief = new.brief;
        if let Settled::Capped(cap) = self.ports.decisions.settle(tenant, new, now).await? {
            self.ports.decisions.lapse(tenant, brief, cap.sentence(), Some(cap), now).await?;
        }
        Ok(())
    }

    /// An agent's own recommendation takes effect. Of a grant that nobody signed, nothing follows.
    async fn act_by_grant(&self, tenant: TenantId, thawed: Thawed, id: GrantId) -> Result<(), Error> {
        if !self.is_granted(tenant, &thawed, id).await? {
            return Ok(());
        }
        let evidence = self.evidence_read(tenant, &thawed.brief).await?;
        // The evidence may have taken long: it is asked again.
        if unsound(&evidence).is_some() || !self.is_granted(tenant, &thawed, id).await? {
            return Ok(());
        }
        let now = self.ports.clock.now();
        let option = thawed.brief.recommendation.key.to_string();
        let choice = BriefChoice::Option(option.clone());
        let granted = NewGranted {
            id: DecisionId(self.ports.entropy.uuid(now)),
            grant: id,
            brief: thawed.record.id,
            sha256: thawed.record.sha256,
            option,
            telling: self.telling(&thawed, &choice, now),
        };
        self.ports.autonomy.act(tenant, granted, now).await?;
        Ok(())
    }

    /// Whether the grant lets the author act on its brief at this moment.
    async fn is_granted(&self, tenant: TenantId, thawed: &Thawed, id: GrantId) -> Result<bool, Error> {
        let now = self.ports.clock.now();
        let rules = self.rules(tenant, now).await?;
        Ok(thawed.grant(&rules).is_some_and(|(grant, at)| grant.id == id && at <= now))
    }

    fn telling(&self, thawed: &Thawed, choice: &BriefChoice, now: Millis) -> Telling {
        let brief = &thawed.brief;
        Telling {
            task: TaskId(self.ports.entropy.uuid(now)),
            title: brief.title.clone(),
            question: brief.question.clone(),
            category: brief.category.to_string(),
            option_title: chosen(choice, brief).map(|option| option.title.clone()),
            correlation_id: brief.correlation_id.clone().unwrap_or_else(|| thawed.record.id.to_string()),
        }
    }

    /// Every organization whose briefs have to be kept in time.
    pub async fn brief_tenants(&self) -> Result<Vec<TenantId>, Error> {
        Ok(self.ports.artifacts.tenants().await?)
    }

    /// One that was tampered with holds up no other, and nothing follows from it.
    fn thawed(&self, record: BriefRecord) -> Option<Thawed> {
        let id = record.id;
        let said = |error: &Error| {
            if self.damaged.is_news(id.0) {
                tracing::error!(brief.id = %id, %error, "a brief cannot be read");
            }
        };
        Thawed::of(record).inspect_err(said).ok()
    }
}

/// What was changed in the database, and was told of. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Damaged(Arc<Mutex<HashSet<Uuid>>>);

impl Damaged {
    fn is_news(&self, id: Uuid) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id)
    }
}
