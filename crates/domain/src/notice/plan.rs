//! Who is told of what, and when: one pure function.

use super::{Cell, HOUR, MINUTE, Notice, NoticeId, NoticeKind, NoticePrefs, URGENT_MS, Urgency};
use crate::{Millis, PersonId, Role, task::words};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Between two mails to a person so much time goes by: what comes at once comes in one mail.
const GAP_MS: i64 = MINUTE;
/// After so many within an hour the gap is wider: whoever makes much wait gets no more mails sent by it.
const MANY_MAILS: u32 = 10;
const WIDE_GAP_MS: i64 = 10 * MINUTE;

words!(
    /// By which way somebody was told.
    Step {
        Mail = "mail",
        Digest = "digest",
        /// By mail, since nobody had touched it.
        Raised = "raised",
    }
);

/// Somebody who may be told.
#[derive(Debug, Clone)]
pub struct Listener {
    pub person: PersonId,
    pub role: Role,
    pub prefs: NoticePrefs,
    /// Since when they want it so; mails of the day that were due before are not made up for.
    pub since: Millis,
    /// When the newest mail of the day was due that they got.
    pub digested: Option<Millis>,
    /// The newest mails that were not the mail of the day.
    pub mailed: Mailed,
}

/// The newest mails to a person, but for the mail of the day; whatever they were about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mailed {
    /// When the last one was made.
    pub last: Option<Millis>,
    /// When the hour began in which they are counted.
    pub hour: Millis,
    /// How many were made in it.
    pub count: u32,
}

impl Mailed {
    pub const NONE: Self = Self { last: None, hour: Millis(0), count: 0 };

    /// Whether the next one has to wait.
    pub fn is_crowded(self, now: Millis) -> bool {
        let many = self.count >= MANY_MAILS && now.0 - self.hour.0 < HOUR;
        let gap = if many { WIDE_GAP_MS } else { GAP_MS };
        self.last.is_some_and(|last| now.0 - last.0 < gap)
    }

    /// With one that is made now.
    #[must_use]
    pub fn and(self, now: Millis) -> Self {
        let over = now.0 - self.hour.0 >= HOUR;
        let (hour, count) = if over { (now, 1) } else { (self.hour, self.count.saturating_add(1)) };
        Self { last: Some(now), hour, count }
    }
}

/// What somebody was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub notice: NoticeId,
    pub person: PersonId,
    pub step: Step,
    pub at: Millis,
}

/// One mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub person: PersonId,
    pub step: Step,
    /// The most urgent first.
    pub notices: Vec<NoticeId>,
    /// When it was due, for the mail of the day.
    pub slot: Option<Millis>,
}

/// What there is to send at `now`. `notices` are those that still wait; `told` is all that was told of them.
pub fn plan(now: Millis, listeners: &[Listener], notices: &[Notice], told: &[Told]) -> Vec<Message> {
    let mut by_pair: HashMap<(NoticeId, PersonId), Vec<&Told>> = HashMap::new();
    for one in told {
        by_pair.entry((one.notice, one.person)).or_default().push(one);
    }
    let mut notices: Vec<&Notice> = notices.iter().collect();
    notices.sort_by_key(|notice| (std::cmp::Reverse(notice.kind.urgency(notice.due, now)), notice.due, notice.at));
    let desk = Desk { now, listeners, by_pair };
    listeners.iter().flat_map(|listener| desk.messages(listener, &notices)).collect()
}

struct Desk<'a> {
    now: Millis,
    listeners: &'a [Listener],
    by_pair: HashMap<(NoticeId, PersonId), Vec<&'a Told>>,
}

impl Desk<'_> {
    fn told(&self, notice: &Notice, person: PersonId) -> impl Iterator<Item = &Told> {
        self.by_pair.get(&(notice.id, person)).into_iter().flatten().copied()
    }

    /// When the person got a mail about it that was not the mail of the day.
    fn mailed_at(&self, notice: &Notice, person: PersonId) -> Option<Millis> {
        self.told(notice, person).filter(|told| told.step != Step::Digest).map(|told| told.at).max()
    }

    fn messages(&self, listener: &Listener, notices: &[&Notice]) -> Vec<Message> {
        let Listener { person, prefs, .. } = listener;
        let crowded = listener.mailed.is_crowded(self.now);
        let quiet = prefs.is_quiet(self.now);
        let (mut now, mut raised) = (Vec::new(), Vec::new());
        for notice in notices {
            let critical = notice.kind.urgency(notice.due, self.now) == Urgency::Critical;
            let held = quiet && !(critical && prefs.breaks_quiet);
            if held || crowded || self.mailed_at(notice, *person).is_some() {
                continue;
            }
            match prefs.cell(notice.kind) {
                Cell::Now => now.push(notice.id),
                cell if self.is_raised(listener, cell, notice) => raised.push(notice.id),
                _ => {}
            }
        }
        // One mail at a time: the other comes after the gap.
        if !now.is_empty() {
            raised.clear();
        }
        let message = |step, notices: Vec<NoticeId>, slot| {
            (!notices.is_empty()).then_some(Message { person: *person, step, notices, slot })
        };
        let (slot, digest) = self.digest(listener, notices, quiet);
        [message(Step::Mail, now, None), message(Step::Raised, raised, None), message(Step::Digest, digest, Some(slot))]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Whether it is told by mail although the person wants it in the mail of the day: it is urgent, and nobody has
    /// touched it for as long as they said, or as long as somebody said who wants every founder to hear of it then.
    /// Whoever wants to hear nothing of the kind hears nothing.
    fn is_raised(&self, listener: &Listener, cell: Cell, notice: &Notice) -> bool {
        if cell == Cell::None || notice.kind.urgency(notice.due, self.now) < Urgency::Urgent {
            return false;
        }
        let over = |since: Millis, after: u32| self.now.0 - since.0 >= i64::from(after) * MINUTE;
        let since = urgent_since(notice);
        let own = listener.prefs.raising.is_some_and(|raising| over(since, raising.after));
        let asked = listener.role == Role::Founder
            && self.listeners.iter().filter(|other| other.person != listener.person).any(|other| {
                let Some(raising) = other.prefs.raising.filter(|raising| raising.founders) else { return false };
                let mailed = self.mailed_at(notice, other.person);
                // Whoever asked may be asleep, and was not mailed.
                let twice = other.prefs.cell(notice.kind) != Cell::None && over(since, raising.after * 2);
                twice || mailed.is_some_and(|mailed| over(mailed, raising.after))
            });
        own || asked
    }

    /// The mail of the day, if one is due that was not sent, and what stands in it: all that waits and was not told
    /// before, if any of it was there at its hour.
    fn digest(&self, listener: &Listener, notices: &[&Notice], quiet: bool) -> (Millis, Vec<NoticeId>) {
        let slot = listener.prefs.slot(self.now);
        let sent = listener.digested.is_some_and(|digested| digested >= slot);
        if sent || quiet || slot < listener.since {
            return (slot, Vec::new());
        }
        let fresh = notices.iter().filter(|notice| {
            listener.prefs.cell(notice.kind) == Cell::Digest && self.told(notice, listener.person).next().is_none()
        });
        let fresh: Vec<&&Notice> = fresh.collect();
        if fresh.iter().all(|notice| notice.at > slot) {
            return (slot, Vec::new());
        }
        (slot, fresh.into_iter().map(|notice| notice.id).collect())
    }
}

/// When what is urgent began to be it: it waited before without anything happening.
fn urgent_since(notice: &Notice) -> Millis {
    match (notice.kind, notice.due) {
        (NoticeKind::BriefOpened | NoticeKind::BriefDue, Some(due)) => Millis(notice.at.0.max(due.0 - URGENT_MS)),
        _ => notice.at,
    }
}

#[cfg(test)]
mod tests;
