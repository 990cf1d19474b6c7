//! All that waits for one person, in the order in which waiting costs most; and what came of a session.

use crate::{
    Error, Service,
    brief_row::{Thawed, decision_view},
    policy::{Action, rank},
    ports::Waits,
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

    /// What became of the briefs of a session: those that were decided, and those that dropped out, each with the hash
    /// of the version that was chosen about. What does not exist is left out.
    pub async fn read_desk_done(
        &self,
        actor: &Actor,
        decided: &[BriefId],
        dropped: &[(BriefId, ArtifactHash)],
    ) -> Result<DeskDone, Error> {
        self.allow(actor, Action::Read)?;
        let now = self.ports.clock.now();
        let rules = self.rules(actor.tenant, now).await?;
        let mut done = DeskDone::default();
        for id in decided {
            let Some(thawed) = self.thawed_one(actor.tenant, *id).await? else { continue };
            let row = thawed.row(&rules, now);
            let (mut decision, mut receipt) = (None, None);
            if let Some(record) = &thawed.record.decision {
                let may_undo = record.may_undo(actor.person, now);
                let is_damaged = !self.is_whole(actor.tenant, record).await?;
                decision = Some(DecisionView { is_damaged, ..decision_view(record, &thawed.brief, may_undo) });
                if record.state == DecisionState::Made && record.by.is_some() {
                    let bytes = self.decision_receipt(actor, record.id).await.ok();
                    receipt = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                }
            }
            done.decided.push(DeskDecided { row, decision, receipt });
        }
        for (id, sha256) in dropped {
            let Some(thawed) = self.thawed_one(actor.tenant, *id).await? else { continue };
            let row = thawed.row(&rules, now);
            let difference = if row.state == BriefState::Open && thawed.record.sha256 != *sha256 {
                self.difference_from(actor, *id, *sha256, &thawed.brief).await?
            } else {
                Vec::new()
            };
            let why = why_dropped(&row, thawed.record.sha256 != *sha256);
            done.dropped.push(DeskDropped { row, why, difference });
        }
        Ok(done)
    }

    async fn thawed_one(&self, tenant: TenantId, id: BriefId) -> Result<Option<Thawed>, Error> {
        match self.ports.briefs.find(tenant, id).await {
            Ok(record) => Thawed::of(record).map(Some),
            Err(crate::ports::StoreError::NotFound) => Ok(None),
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
