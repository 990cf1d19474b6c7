//! Who is told of what, and when: one pure function.

use super::{Cell, MINUTE, Notice, NoticeId, NoticePrefs, Urgency};
use crate::{Millis, PersonId, Role, task::words};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Between two mails to a person so much time goes by, but for what is due within the hour: what comes at once comes in
/// one mail.
const GAP_MS: i64 = MINUTE;

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
        let last = self.by_pair.values().flatten().filter(|told| told.person == *person && told.step != Step::Digest);
        let last = last.map(|told| told.at).max();
        let crowded = last.is_some_and(|last| self.now.0 - last.0 < GAP_MS);
        let quiet = prefs.is_quiet(self.now);
        let (mut now, mut raised) = (Vec::new(), Vec::new());
        for notice in notices {
            let critical = notice.kind.urgency(notice.due, self.now) == Urgency::Critical;
            let held = (quiet && !(critical && prefs.breaks_quiet)) || (crowded && !critical);
            if held || self.mailed_at(notice, *person).is_some() {
                continue;
            }
            match prefs.cell(notice.kind) {
                Cell::Now => now.push(notice.id),
                cell if self.is_raised(listener, cell, notice) => raised.push(notice.id),
                _ => {}
            }
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
        let own = listener.prefs.raising.is_some_and(|raising| over(notice.at, raising.after));
        let asked = listener.role == Role::Founder
            && self.listeners.iter().filter(|other| other.person != listener.person).any(|other| {
                let raising = other.prefs.raising.filter(|raising| raising.founders);
                let mailed = self.mailed_at(notice, other.person);
                raising.zip(mailed).is_some_and(|(raising, mailed)| over(mailed, raising.after))
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

#[cfg(test)]
mod tests;
