//! Decisions that count: a page of them, those that wait to be looked back on, and how recommendations fared.

use crate::{
    Error, Service,
    brief_row::choice_words,
    kept_decision::{damaged_row, log_row, thaw, trace_of},
    policy::Action,
    ports::KeptDecision,
};
use countersign_brief::{Brief, Category};
use countersign_domain::{
    Actor, Millis, TenantId,
    reading::{
        DecisionLog, DecisionPage, DecisionPlace, DecisionQuery, DecisionTurn, LookBackDue, OutcomeFilter, TrackRecord,
    },
    track_record::{calibration, supported, track},
};

/// So many that wait to be looked back on are listed with what followed.
const LOOK_BACKS: u32 = 20;
/// The autonomy ledger is made from so many of the newest decisions.
const COUNTED: u32 = 5_000;

impl Service {
    /// One page, with how many there are in all and by what they can be narrowed.
    pub async fn read_decisions(
        &self,
        actor: &Actor,
        query: &DecisionQuery,
        turn: DecisionTurn,
    ) -> Result<DecisionLog, Error> {
        let page = self.read_decision_page(actor, query, turn).await?;
        let history = &self.ports.decision_history;
        let facets = history.facets(actor.tenant).await?;
        let counts = history.counts(actor.tenant, &query.clone().plain(), self.ports.clock.now()).await?;
        Ok(DecisionLog {
            rows: page.rows,
            older: page.older,
            newer: page.newer,
            counts,
            people: facets.people,
            categories: facets.categories,
            agents: facets.agents,
        })
    }

    /// One page alone, as a download takes one after the other. One that cannot be read is there too, and says so.
    pub async fn read_decision_page(
        &self,
        actor: &Actor,
        query: &DecisionQuery,
        turn: DecisionTurn,
    ) -> Result<DecisionPage, Error> {
        self.allow(actor, Action::Read)?;
        let now = self.ports.clock.now();
        let limit = u32::try_from(DecisionLog::SIZE + 1).unwrap_or(u32::MAX);
        let query = query.clone().plain();
        let mut found = self.ports.decision_history.page(actor.tenant, &query, turn, now, limit).await?;
        let more = found.len() > DecisionLog::SIZE;
        found.truncate(DecisionLog::SIZE);
        if matches!(turn, DecisionTurn::Newer(_)) {
            found.reverse();
        }
        let (first, last) = (found.first().map(place), found.last().map(place));
        let (older, newer) = match turn {
            DecisionTurn::Newest => (last.filter(|_| more), None),
            DecisionTurn::Older(place) => (last.filter(|_| more), first.or(Some(place))),
            DecisionTurn::Newer(place) => (last.or(Some(place)), first.filter(|_| more)),
        };
        let row = |kept: &KeptDecision| match whole(kept) {
            Some(brief) => log_row(kept, &brief, now),
            None => damaged_row(kept),
        };
        Ok(DecisionPage { rows: found.iter().map(row).collect(), older, newer })
    }

    /// How many decisions wait to be looked back on, and the first of them with what followed.
    pub(crate) async fn look_backs_due(&self, tenant: TenantId, now: Millis) -> Result<(u32, Vec<LookBackDue>), Error> {
        let history = &self.ports.decision_history;
        let query = DecisionQuery { outcome: Some(OutcomeFilter::Due), ..DecisionQuery::default() };
        let count = history.counts(tenant, &query, now).await?.all;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if count == 0 {
            return Ok((0, Vec::new()));
        }
        let found = history.page(tenant, &query, DecisionTurn::Newest, now, LOOK_BACKS).await?;
        let mut list = Vec::new();
        for (kept, brief) in found.iter().filter_map(|kept| Some((kept, whole(kept)?))) {
            let since = kept.record.ended_at.unwrap_or(kept.record.at);
            let followed = history.followed(tenant, &trace_of(kept, &brief), &kept.author, since).await?;
            list.push(LookBackDue {
                decision: kept.record.id.to_string(),
                title: brief.title.clone(),
                words: choice_words(&kept.record.choice, &brief),
                prediction: kept.record.prediction.clone(),
                since: kept.check_at().unwrap_or(now),
                tasks: followed.count,
                done: followed.done,
                failed: followed.failed,
                micro_usd: followed.micro_usd,
            });
        }
        list.sort_by_key(|due| due.since);
        Ok((count, list))
    }

    /// How agents' recommendations fared, from the newest decisions.
    pub async fn read_track_record(&self, actor: &Actor) -> Result<TrackRecord, Error> {
        self.allow(actor, Action::Read)?;
        let (tenant, now) = (actor.tenant, self.ports.clock.now());
        let found = self.ports.decision_history.judged(tenant, COUNTED).await?;
        let decisions = found.judged;
        let rules = self.rules(tenant, now).await?;
        // A word that is no category any more is nobody's to grant.
        let is_reserved = |name: &str| name.parse::<Category>().map_or(true, |category| rules.is_reserved(&category));
        Ok(TrackRecord {
            rows: track(&decisions),
            bins: calibration(&decisions),
            supported: supported(&decisions, is_reserved),
            authors: self.ports.briefs.authors(tenant).await?,
            decisions: decisions.len() as u64,
            damaged: found.damaged,
        })
    }
}

fn place(kept: &KeptDecision) -> DecisionPlace {
    DecisionPlace { at: kept.record.ended_at.unwrap_or(kept.record.at).0, id: kept.record.id.0 }
}

/// The brief, where its text is what was decided on. One that was tampered with hides no other.
fn whole(kept: &KeptDecision) -> Option<Brief> {
    match thaw(kept) {
        Ok(brief) if kept.version_sha256 == kept.record.sha256 => return Some(brief),
        Ok(_) => tracing::error!(decision.id = %kept.record.id, "a decision is about another text than is kept"),
        Err(error) => tracing::error!(decision.id = %kept.record.id, %error, "a decision cannot be read"),
    }
    None
}
