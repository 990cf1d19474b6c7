//! All that waits for one person, in the order in which waiting costs most; and what came of a session.

use crate::{
    Error, Service,
    brief_row::{Thawed, decision_view},
    decision_check::agrees,
    policy::{Action, rank},
    ports::{BriefRecord, DecisionRecord, StoreError, Waits},
    read_brief::unsound,
    sign_decision::receipt_of,
};
use countersign_domain::{
    Actor, AgentName, ArtifactHash, BriefId, Millis, TenantId,
    brief::{BriefState, DecisionState},
    reading::{BriefRow, DecisionView, DeskDecided, DeskDone, DeskDropped, DeskItem, DeskView},
    waiting::{IdleAgent, REPORTED_MS, Waiting, WaitingCost, order, waiting_cost},
};
use std::collections::{BTreeSet, HashMap};

/// So many of those that were decided are told of: for whoever had chosen about one of them meanwhile.
const GONE: u32 = 50;

impl Service {
    pub async fn read_desk(&self, actor: &Actor) -> Result<DeskView, Error> {
        self.allow(actor, Action::Read)?;
        let now = self.ports.clock.now();
        let rules = self.rules(actor.tenant, now).await?;
        let (mut open, mut gone) = (Vec::new(), Vec::new());
        for record in self.ports.briefs.list(actor.tenant, GONE).await? {
            let id = record.id;
            match Thawed::of(record) {
                Ok(thawed) => match thawed.row(&rules, now) {
                    row if row.state == BriefState::Open => open.push((thawed, row)),
                    row => gone.push(row),
                },
                Err(error) => tracing::error!(brief.id = %id, %error, "a brief cannot be read"),
            }
        }
        let traces: BTreeSet<String> =
            open.iter().filter_map(|(thawed, _)| thawed.brief.correlation_id.clone()).collect();
        let traces: Vec<String> = traces.into_iter().collect();
        let waits = self.ports.briefs.waits(actor.tenant, &traces, Millis(now.0 - REPORTED_MS)).await?;
        let mut budgets = HashMap::new();
        let mut items = Vec::new();
        for (thawed, row) in open {
            let cost = self.cost_of(actor.tenant, &thawed, &waits, &mut budgets, now).await?;
            items.push(DeskItem { row, cost });
        }
        items.sort_by(|a, b| {
            let key = |item: &DeskItem| order(item.cost, item.row.deadline, item.row.opened_at);
            key(a).cmp(&key(b)).then_with(|| a.row.id.cmp(&b.row.id))
        });
        let rows = items.iter().map(|item| &item.row).chain(&gone);
        let ahead = rows.filter(|row| row.state != BriefState::Decided && row.deadline > now);
        let next_deadline = ahead.map(|row| row.deadline).min();
        let may_decide = rank(actor.role) >= rank(Action::DecideBrief.needs());
        Ok(DeskView {
            items,
            gone,
            reviews: self.read_reviews(actor).await?.open,
            may_decide,
            may_sign: may_decide && self.may_sign(actor).await?,
            working: waits.working,
            next_deadline,
        })
    }

    async fn cost_of(
        &self,
        tenant: TenantId,
        thawed: &Thawed,
        waits: &Waits,
        budgets: &mut HashMap<AgentName, Option<i64>>,
        now: Millis,
    ) -> Result<WaitingCost, Error> {
        let trace = thawed.brief.correlation_id.as_deref();
        let blocked = || waits.blocked.iter().filter(|one| Some(one.trace.as_str()) == trace);
        let mut names: BTreeSet<&AgentName> = blocked().map(|one| &one.agent).collect();
        let author = thawed.record.author.agent();
        names.extend(&author);
        let mut agents = Vec::new();
        for name in names {
            let reported = waits.reported.get(name).copied().unwrap_or_default();
            let budget = match budgets.get(name) {
                Some(budget) => *budget,
                None if reported > 0 => None,
                None => {
                    let budget = self.budget_of(tenant, name).await?;
                    budgets.insert(name.clone(), budget);
                    budget
                }
            };
            agents.push(IdleAgent { reported, budget });
        }
        let options: Vec<i64> = thawed.brief.options.iter().map(|option| option.cost_micro_usd).collect();
        let blocked_tasks = blocked().fold(0, |sum: u32, one| sum.saturating_add(one.tasks));
        let waiting = Waiting { deadline: thawed.record.deadline, options: &options, agents: &agents, blocked_tasks };
        Ok(waiting_cost(&waiting, now))
    }

    /// What the role file that the agent may run lets it use a day.
    async fn budget_of(&self, tenant: TenantId, agent: &AgentName) -> Result<Option<i64>, Error> {
        let approved = self.ports.reviews.approved(tenant, agent).await?;
        let file = approved.and_then(|review| countersign_role::read(review.text.as_bytes()).ok());
        Ok(file.and_then(|file| file.role.budget).map(|budget| budget.usd_per_day.0))
    }

    /// What became of the briefs of a session: those that the actor decided, and those that dropped out, each with the
    /// hash of the version that was chosen about. What does not exist is left out, and so is what somebody else decided,
    /// or what waits again: an address is no proof of who decided.
    pub async fn read_desk_done(
        &self,
        actor: &Actor,
        decided: &[BriefId],
        dropped: &[(BriefId, ArtifactHash)],
    ) -> Result<DeskDone, Error> {
        self.allow(actor, Action::Read)?;
        let now = self.ports.clock.now();
        let rules = self.rules(actor.tenant, now).await?;
        // All of a session are among these as a rule: they are read at once.
        let mut near = HashMap::new();
        for record in self.ports.briefs.list(actor.tenant, GONE).await? {
            near.insert(record.id, record);
        }
        let mut done = DeskDone::default();
        for id in decided {
            let Some(thawed) = self.thawed_one(actor.tenant, *id, &mut near).await? else { continue };
            let own = |record: &&DecisionRecord| {
                let is_own = record.by.as_ref().is_some_and(|(person, _)| *person == actor.person);
                is_own && matches!(record.state, DecisionState::Held | DecisionState::Made)
            };
            let Some(record) = thawed.record.decision.as_ref().filter(own) else { continue };
            let (is_whole, receipt) = self.proof_of(actor.tenant, &thawed, record).await?;
            let view = decision_view(record, &thawed.brief, record.may_undo(actor.person, now));
            let decision = Some(DecisionView { is_damaged: !is_whole, ..view });
            done.decided.push(DeskDecided { row: thawed.row(&rules, now), decision, receipt });
        }
        for (id, sha256) in dropped {
            let Some(thawed) = self.thawed_one(actor.tenant, *id, &mut near).await? else { continue };
            let row = thawed.row(&rules, now);
            let difference = if row.state == BriefState::Open && thawed.record.sha256 != *sha256 {
                self.difference_from(actor, *id, *sha256, &thawed.brief).await?
            } else {
                Vec::new()
            };
            let is_newer = thawed.record.sha256 != *sha256;
            let lack = if row.state == BriefState::Open && !is_newer {
                unsound(&self.evidence_read(actor.tenant, &thawed.brief).await?)
            } else {
                None
            };
            let why = lack.unwrap_or_else(|| why_dropped(&row, is_newer));
            done.dropped.push(DeskDropped { row, why, difference });
        }
        Ok(done)
    }

    /// Whether the decision is kept as it was said, and its receipt once it counts: of one reading.
    async fn proof_of(
        &self,
        tenant: TenantId,
        thawed: &Thawed,
        record: &DecisionRecord,
    ) -> Result<(bool, Option<String>), Error> {
        let (canonical, seal) = match self.ports.decisions.sealed(tenant, record.id).await {
            Ok(sealed) => sealed,
            Err(StoreError::NotFound) => return Ok((false, None)),
            Err(error) => return Err(error.into()),
        };
        // The newest version was checked against its hash when it was thawed.
        let is_newest = record.version == thawed.record.version && record.sha256 == thawed.record.sha256;
        let is_whole = if is_newest {
            agrees(record, &canonical, seal.as_deref()).unwrap_or(false)
        } else {
            self.is_whole(tenant, record).await?
        };
        let counts = record.state == DecisionState::Made;
        let bytes = counts.then(|| receipt_of(&canonical, seal.as_deref()).ok()).flatten();
        Ok((is_whole, bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())))
    }

    /// From `near`, if it is there.
    async fn thawed_one(
        &self,
        tenant: TenantId,
        id: BriefId,
        near: &mut HashMap<BriefId, BriefRecord>,
    ) -> Result<Option<Thawed>, Error> {
        if let Some(record) = near.remove(&id) {
            return Thawed::of(record).map(Some);
        }
        match self.ports.briefs.find(tenant, id).await {
            Ok(record) => Thawed::of(record).map(Some),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn why_dropped(row: &BriefRow, is_newer: bool) -> String {
    match (row.state, &row.decided_by, row.decided_at) {
        (BriefState::Held | BriefState::Decided, Some(name), Some(at)) => {
            format!("{name} decided it on {}. Yours was not taken.", at.to_words())
        }
        (BriefState::Held | BriefState::Decided, None, Some(at)) => {
            format!("Nobody decided it in time; silence did on {}.", at.to_words())
        }
        _ if is_newer => format!("{} changed it after you had chosen. It waits in its newest version.", row.author),
        _ => "It could not be decided with the others, and waits still.".to_owned(),
    }
}
