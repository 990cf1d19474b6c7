//! What waits, told outside the console: what may be told, how urgent it is, and what each person wants to hear of it.

pub mod plan;

use crate::{Millis, Role, task::words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// What is due is urgent when so much time is left. Milliseconds.
const URGENT_MS: i64 = 4 * HOUR;
/// Minutes of a day.
pub const DAY_MINUTES: u32 = 24 * 60;
/// The farthest that a clock on a wall is from UTC, in minutes.
pub const MOST_OFFSET_MINUTES: i32 = 14 * 60;
/// The shortest and the longest time after which something untouched is told again, in minutes.
pub const RAISED_AFTER: std::ops::RangeInclusive<u32> = 1..=DAY_MINUTES;

words!(
    /// What is told of.
    NoticeKind {
        /// A brief, or a newer version of one, waits.
        BriefOpened = "brief_opened",
        /// Its deadline is within a day.
        BriefDue = "brief_due",
        /// Its deadline has passed, and it waits still.
        BriefLapsed = "brief_lapsed",
        /// Nobody decided, and what was said before took effect.
        BriefSilent = "brief_silent",
        /// A role file waits for a founder.
        ReviewWaiting = "review_waiting",
        /// Tasks that ended badly wait.
        LetterWaiting = "letter_waiting",
        /// An agent that was connected is not any more.
        AgentLost = "agent_lost",
        /// A webhook was switched off, since nobody took what it sent.
        WebhookOff = "webhook_off",
    }
);

words!(
    /// How a person hears of a kind.
    Cell {
        /// By mail, at once.
        Now = "now",
        /// In the mail of the day.
        Digest = "digest",
        None = "none",
    }
);

words!(
    /// How much it costs to wait. The order counts.
    Urgency {
        Calm = "calm",
        /// It waits, and nothing happens yet.
        Soon = "soon",
        /// Within hours something happens, or stands still already.
        Urgent = "urgent",
        /// Within the hour.
        Critical = "critical",
    }
);

impl NoticeKind {
    /// For programs: `brief.opened`.
    pub fn topic(self) -> String {
        self.as_str().replacen('_', ".", 1)
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::BriefOpened => "A brief waits",
            Self::BriefDue => "A brief is due within a day",
            Self::BriefLapsed => "A brief is beyond its deadline",
            Self::BriefSilent => "Silence decided a brief",
            Self::ReviewWaiting => "A security review waits",
            Self::LetterWaiting => "Dead letters wait",
            Self::AgentLost => "An agent is lost",
            Self::WebhookOff => "A webhook was switched off",
        }
    }

    /// How urgent it is at `now`, for what is due at `due`.
    pub fn urgency(self, due: Option<Millis>, now: Millis) -> Urgency {
        let left = due.map_or(i64::MAX, |due| due.0 - now.0);
        match self {
            Self::BriefOpened | Self::BriefDue if left <= HOUR => Urgency::Critical,
            Self::BriefOpened | Self::BriefDue if left <= URGENT_MS => Urgency::Urgent,
            Self::BriefLapsed | Self::AgentLost => Urgency::Urgent,
            Self::BriefDue | Self::ReviewWaiting | Self::LetterWaiting | Self::WebhookOff => Urgency::Soon,
            Self::BriefOpened | Self::BriefSilent => Urgency::Calm,
        }
    }

    /// What somebody hears who has said nothing.
    fn usual(self) -> Cell {
        match self {
            Self::BriefDue | Self::BriefLapsed | Self::WebhookOff => Cell::Now,
            _ => Cell::Digest,
        }
    }
}

/// Hours in which a person is left alone, by the clock on their wall; over midnight where `to` is the earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// Minutes since midnight.
    pub from: u32,
    /// The first minute in which they hear again.
    pub to: u32,
}

/// What happens to what is urgent and stays untouched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raising {
    /// Minutes.
    pub after: u32,
    /// Whether every founder hears of it in the end.
    pub founders: bool,
}

/// What one person wants to hear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePrefs {
    /// By the word of the kind; what is not in it is as usual.
    pub cells: BTreeMap<String, String>,
    /// Minutes east of Greenwich.
    pub offset: i32,
    pub quiet: Option<Quiet>,
    /// When the mail of the day comes: minutes since midnight.
    pub digest: u32,
    /// Whether what is due within the hour comes in quiet hours too.
    pub breaks_quiet: bool,
    pub raising: Option<Raising>,
}

impl Default for NoticePrefs {
    fn default() -> Self {
        Self { cells: BTreeMap::new(), offset: 0, quiet: None, digest: 8 * 60, breaks_quiet: false, raising: None }
    }
}

impl NoticePrefs {
    /// Of somebody who has said nothing.
    pub fn usual(role: Role) -> Self {
        match role {
            Role::Observer => Self::silent(),
            // Webhooks are the founders' business.
            Role::Reviewer => {
                let off = (NoticeKind::WebhookOff.as_str().to_owned(), Cell::None.as_str().to_owned());
                Self { cells: BTreeMap::from([off]), ..Self::default() }
            }
            Role::Founder => Self::default(),
        }
    }

    /// Of somebody who hears nothing unless they ask for it.
    fn silent() -> Self {
        let cells = NoticeKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), Cell::None.as_str().to_owned()));
        Self { cells: cells.collect(), ..Self::default() }
    }

    pub fn cell(&self, kind: NoticeKind) -> Cell {
        let said = self.cells.get(kind.as_str()).and_then(|word| word.parse().ok());
        said.unwrap_or_else(|| kind.usual())
    }

    fn wall(&self, at: Millis) -> i64 {
        at.0 + i64::from(self.offset) * MINUTE
    }

    /// Whether the person is left alone at that moment.
    pub fn is_quiet(&self, at: Millis) -> bool {
        let Some(Quiet { from, to }) = self.quiet else { return false };
        let minute = self.wall(at).rem_euclid(DAY) / MINUTE;
        let (from, to) = (i64::from(from), i64::from(to));
        if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to }
    }

    /// The newest moment, not after `now`, at which a mail of the day was due.
    pub fn slot(&self, now: Millis) -> Millis {
        let (wall, hour) = (self.wall(now), i64::from(self.digest) * MINUTE);
        let today = wall - wall.rem_euclid(DAY) + hour;
        let slot = if today > wall { today - DAY } else { today };
        Millis(slot - i64::from(self.offset) * MINUTE)
    }
}

/// Names what is told of, for its life: what waits anew later has another.
pub type NoticeId = Uuid;

/// Something of which people are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    pub kind: NoticeKind,
    /// The id of the brief or review, the agent's name, the fingerprint of dead letters.
    pub about: String,
    /// What it is called; of an agent's making where an agent asks.
    pub title: String,
    /// The hash of what is decided on, in hexadecimal digits.
    pub sha256: Option<String>,
    pub due: Option<Millis>,
    /// Since when.
    pub at: Millis,
}

impl Notice {
    /// The page that it is about, below the tenant's. To open it changes nothing.
    pub fn path(&self) -> String {
        match self.kind {
            NoticeKind::BriefOpened | NoticeKind::BriefDue | NoticeKind::BriefLapsed | NoticeKind::BriefSilent => {
                format!("/d/{}", self.about)
            }
            NoticeKind::ReviewWaiting => format!("/reviews/{}", self.about),
            NoticeKind::LetterWaiting => "/dead-letters".to_owned(),
            NoticeKind::AgentLost => format!("/fleet/agents/{}", self.about),
            NoticeKind::WebhookOff => format!("/settings/webhooks/{}", self.about),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        crate::moment::rfc3339(text).unwrap()
    }

    #[test]
    fn quiet_hours_are_those_of_the_clock_on_the_wall_and_go_over_midnight() {
        let oslo =
            NoticePrefs { offset: 60, quiet: Some(Quiet { from: 22 * 60, to: 7 * 60 }), ..NoticePrefs::default() };
        for (moment, quiet) in [
            ("2026-11-27T20:59:59Z", false),
            ("2026-11-27T21:00:00Z", true),
            ("2026-11-28T05:59:59Z", true),
            ("2026-11-28T06:00:00Z", false),
        ] {
            assert_eq!(oslo.is_quiet(at(moment)), quiet, "{moment}");
        }
        let noon = NoticePrefs { quiet: Some(Quiet { from: 720, to: 780 }), ..NoticePrefs::default() };
        assert!(noon.is_quiet(at("2026-11-27T12:30:00Z")) && !noon.is_quiet(at("2026-11-27T13:00:00Z")));
        let never = NoticePrefs { quiet: Some(Quiet { from: 60, to: 60 }), ..NoticePrefs::default() };
        assert!(!never.is_quiet(at("2026-11-27T01:00:00Z")));
    }

    #[test]
    fn the_mail_of_the_day_is_due_at_its_hour_on_the_wall() {
        let oslo = NoticePrefs { offset: 60, digest: 8 * 60, ..NoticePrefs::default() };
        assert_eq!(oslo.slot(at("2026-11-27T07:00:00Z")), at("2026-11-27T07:00:00Z"));
        assert_eq!(oslo.slot(at("2026-11-27T06:59:59Z")), at("2026-11-26T07:00:00Z"));
        let far = NoticePrefs { offset: -11 * 60, digest: 23 * 60, ..NoticePrefs::default() };
        assert_eq!(far.slot(at("2026-11-27T10:00:00Z")), at("2026-11-27T10:00:00Z"));
    }

    #[test]
    fn what_is_due_is_the_more_urgent_the_less_time_is_left() {
        let due = Some(Millis(10 * HOUR));
        let urgency = |hours: i64| NoticeKind::BriefDue.urgency(due, Millis(hours * HOUR));
        assert_eq!([urgency(0), urgency(6), urgency(9)], [Urgency::Soon, Urgency::Urgent, Urgency::Critical]);
        assert!(Urgency::Calm < Urgency::Soon && Urgency::Urgent < Urgency::Critical);
    }

    #[test]
    fn programs_read_a_topic() {
        assert_eq!(NoticeKind::BriefOpened.topic(), "brief.opened");
        assert_eq!(NoticeKind::WebhookOff.topic(), "webhook.off");
    }
}
