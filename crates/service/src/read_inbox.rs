//! What waits for a founder.

use crate::{
    Error, Service,
    brief_row::Thawed,
    policy::{Action, rank},
};
use countersign_domain::{
    Actor,
    brief::{BriefState, InboxSplit},
    reading::{BriefAuthorRow, BriefRow, Inbox, InboxCounts},
};

/// So many of those that were decided are listed.
const DECIDED: u32 = 50;

impl Service {
    pub async fn read_inbox(&self, actor: &Actor) -> Result<Inbox, Error> {
        self.allow(actor, Action::Read)?;
        let now = self.ports.clock.now();
        let rules = self.rules(actor.tenant, now).await?;
        let mut counts =
            InboxCounts { reviews: self.ports.briefs.reviews_waiting(actor.tenant).await?, ..InboxCounts::default() };
        let mut rows = Vec::new();
        for record in self.ports.briefs.list(actor.tenant, DECIDED).await? {
            let id = record.id;
            match Thawed::of(record) {
                Ok(thawed) => {
                    let undo = thawed.record.decision.as_ref().filter(|one| one.may_undo(actor.person, now));
                    let undo = undo.map(|one| one.id.to_string());
                    let is_yours = thawed.delegate(&rules).is_some_and(|(person, _)| *person == actor.person);
                    rows.push(BriefRow { undo, is_yours, ..thawed.row(&rules, now) });
                }
                // One that was tampered with hides no other.
                Err(error) => tracing::error!(brief.id = %id, %error, "a brief cannot be read"),
            }
        }
        for row in &rows {
            let count = match row.split {
                InboxSplit::DueSoon => &mut counts.due_soon,
                InboxSplit::Decisions => &mut counts.decisions,
                InboxSplit::Snoozed => &mut counts.snoozed,
                InboxSplit::Decided => &mut counts.decided,
            };
            *count += 1;
        }
        rows.sort_by_key(|row| match row.state {
            BriefState::Open | BriefState::Held => (0, row.deadline.0),
            BriefState::Snoozed => (1, row.snoozed_until.map_or(0, |until| until.0)),
            BriefState::Decided => (2, -row.decided_at.map_or(0, |at| at.0)),
        });
        let waiting = rows.iter().filter(|row| row.state != BriefState::Decided);
        let next_deadline = waiting.map(|row| row.deadline).filter(|deadline| *deadline > now).min();
        let (look_back, look_backs) = self.look_backs_due(actor.tenant, now).await?;
        counts.look_back = look_back;
        let may_decide = rank(actor.role) >= rank(Action::DecideBrief.needs());
        let away = self.away_notice(actor, now).await?;
        Ok(Inbox { rows, counts, may_decide, next_deadline, look_backs, away })
    }

    /// How well each agent asks, by name.
    pub async fn read_brief_authors(&self, actor: &Actor) -> Result<Vec<BriefAuthorRow>, Error> {
        self.allow(actor, Action::Read)?;
        Ok(self.ports.briefs.authors(actor.tenant).await?)
    }
}
