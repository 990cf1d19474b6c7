//! Decisions that count: a page of them, those that wait to be looked back on, and how recommendations fared.

use crate::{
    Error, Service,
    brief_row::choice_words,
    kept_decision::{judged, log_row, thaw, trace_of},
    policy::Action,
    ports::KeptDecision,
};
use countersign_brief::{Brief, Category};
use countersign_domain::{
    Actor, Millis, TenantId,
    reading::{DecisionLog, DecisionPlace, DecisionQuery, DecisionTurn, LookBackDue, OutcomeFilter, TrackRecord},
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
        self.allow(actor, Action::Read)?;
        let now = self.ports.clock.now();
        let history = &self.ports.decision_history;
        let limit = u32::try_from(DecisionLog::SIZE + 1).unwrap_or(u32::MAX);
        let mut found = history.page(actor.tenant, query, turn, now, limit).await?;
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
        let facets = history.facets(actor.tenant).await?;
        Ok(DecisionLog {
            rows: thawed(&found).map(|(kept, brief)| log_row(kept, &brief, now)).collect(),
            older,
            newer,
            counts: history.counts(actor.tenant, query, now).await?,
            people: facets.people,
            categories: facets.categories,
            agents: facets.agents,
        })
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
        for (kept, brief) in thawed(&found) {
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
        let history = &self.ports.decision_history;
        let found = history.page(tenant, &DecisionQuery::default(), DecisionTurn::Newest, now, COUNTED).await?;
        let decisions: Vec<_> = thawed(&found).map(|(kept, brief)| judged(kept, &brief)).collect();
        let rules = self.rules(tenant, now).await?;
        // A word that is no category any more is nobody's to grant.
        let is_reserved = |name: &str| name.parse::<Category>().map_or(true, |category| rules.is_reserved(&category));
        Ok(TrackRecord {
            rows: track(&decisions),
            bins: calibration(&decisions),
            supported: supported(&decisions, is_reserved),
            authors: self.ports.briefs.authors(tenant).await?,
            decisions: decisions.len() as u64,
        })
    }
}

fn place(kept: &KeptDecision) -> DecisionPlace {
    DecisionPlace { at: kept.record.ended_at.unwrap_or(kept.record.at).0, id: kept.record.id.0 }
}

/// One whose brief was tampered with hides no other.
fn thawed(found: &[KeptDecision]) -> impl Iterator<Item = (&KeptDecision, Brief)> {
    found.iter().filter_map(|kept| match thaw(kept) {
        Ok(brief) => Some((kept, brief)),
        Err(error) => {
            tracing::error!(decision.id = %kept.record.id, %error, "a decision cannot be read");
            None
        }
    })
}
