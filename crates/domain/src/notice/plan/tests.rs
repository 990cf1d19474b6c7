//! Days of an organization, minute by minute.

use super::*;
use crate::notice::{DAY, Quiet, Raising};
use proptest::prelude::*;
use std::collections::HashSet;
use uuid::Uuid;

fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

fn listener(number: u128, prefs: NoticePrefs) -> Listener {
    Listener {
        person: person(number),
        role: Role::Founder,
        prefs,
        since: Millis(0),
        digested: None,
        mailed: Mailed::NONE,
    }
}

fn all(cell: Cell) -> NoticePrefs {
    let cells = NoticeKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), cell.as_str().to_owned()));
    NoticePrefs { cells: cells.collect(), ..NoticePrefs::default() }
}

fn notice(number: u128, kind: NoticeKind, at: i64, due: Option<i64>) -> Notice {
    let id = Uuid::from_u128(number);
    Notice { id, kind, about: id.to_string(), title: "One".into(), sha256: None, due: due.map(Millis), at: Millis(at) }
}

/// Sends all that is planned, every so many minutes for so many days; answers what was sent, and when.
fn live(listeners: &mut [Listener], notices: &[Notice], days: i64, step_min: i64) -> Vec<(Millis, Message)> {
    let (mut told, mut sent) = (Vec::new(), Vec::new());
    for minute in (0..days * 24 * 60).step_by(usize::try_from(step_min).unwrap()) {
        let now = Millis(minute * MINUTE);
        let waiting: Vec<Notice> = notices.iter().filter(|notice| notice.at <= now).cloned().collect();
        for message in plan(now, listeners, &waiting, &told) {
            for notice in &message.notices {
                told.push(Told { notice: *notice, person: message.person, step: message.step, at: now });
            }
            let one = listeners.iter_mut().find(|one| one.person == message.person).unwrap();
            match message.slot {
                Some(slot) => one.digested = Some(slot),
                None => one.mailed = one.mailed.and(now),
            }
            sent.push((now, message));
        }
    }
    sent
}

#[test]
fn what_is_wanted_at_once_comes_at_once_and_what_is_not_wanted_never() {
    let mut people = [listener(1, all(Cell::Now)), listener(2, all(Cell::None))];
    let sent = live(&mut people, &[notice(1, NoticeKind::AgentLost, 5 * HOUR, None)], 3, 1);
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].0, sent[0].1.person, sent[0].1.step), (Millis(5 * HOUR), person(1), Step::Mail));
}

#[test]
fn the_mail_of_the_day_comes_at_its_hour_once_and_only_with_something_new() {
    let mut people = [listener(1, NoticePrefs { digest: 9 * 60, offset: 120, ..all(Cell::Digest) })];
    let notices = [
        notice(1, NoticeKind::BriefOpened, 3 * HOUR, None),
        notice(2, NoticeKind::ReviewWaiting, 4 * HOUR, None),
        notice(3, NoticeKind::LetterWaiting, DAY + 8 * HOUR, None),
    ];
    let sent = live(&mut people, &notices, 5, 1);
    let times: Vec<i64> = sent.iter().map(|(at, _)| at.0 / HOUR).collect();
    assert_eq!(times, [7, 55], "{sent:?}");
    assert_eq!(sent[0].1.notices.len(), 2);
}

#[test]
fn a_mail_of_the_day_that_was_due_while_nobody_worked_comes_late_and_one_from_before_is_not_made_up_for() {
    let waits = [notice(1, NoticeKind::BriefOpened, HOUR, None)];
    let late = listener(1, all(Cell::Digest));
    assert_eq!(plan(Millis(11 * HOUR), std::slice::from_ref(&late), &waits, &[]).len(), 1);
    let newcomer = Listener { since: Millis(10 * HOUR), ..late };
    assert!(plan(Millis(11 * HOUR), &[newcomer], &waits, &[]).is_empty());
}

#[test]
fn quiet_hours_hold_back_all_but_what_is_due_within_the_hour_and_that_only_where_it_was_asked_for() {
    let quiet = Some(Quiet { from: 22 * 60, to: 7 * 60 });
    for (breaks_quiet, hours) in [(false, 31), (true, 23)] {
        let mut people = [listener(1, NoticePrefs { quiet, breaks_quiet, ..all(Cell::Now) })];
        let due = notice(1, NoticeKind::BriefDue, 23 * HOUR, Some(23 * HOUR + HOUR / 2));
        let sent = live(&mut people, &[due], 3, 1);
        assert_eq!(sent.iter().map(|(at, _)| at.0 / HOUR).collect::<Vec<_>>(), [hours]);
    }
    let mut people = [listener(1, NoticePrefs { quiet, breaks_quiet: true, ..all(Cell::Now) })];
    let calm = live(&mut people, &[notice(1, NoticeKind::AgentLost, 23 * HOUR, None)], 3, 1);
    assert_eq!(calm[0].0, Millis(31 * HOUR));
}

#[test]
fn what_is_urgent_and_untouched_goes_to_the_next_channel_and_then_to_every_founder() {
    let raising = Some(Raising { after: 30, founders: true });
    let first = NoticePrefs { raising, ..all(Cell::Digest) };
    let reviewer = Listener { role: Role::Reviewer, ..listener(3, all(Cell::Digest)) };
    let mut people = [listener(1, first), listener(2, all(Cell::Digest)), reviewer, listener(4, all(Cell::None))];
    let sent = live(&mut people, &[notice(1, NoticeKind::AgentLost, 10 * HOUR, None)], 1, 1);
    let steps: Vec<(i64, PersonId, Step)> =
        sent.iter().map(|(at, m)| (at.0 / MINUTE - 600, m.person, m.step)).collect();
    assert_eq!(steps, [(30, person(1), Step::Raised), (60, person(2), Step::Raised)]);
    let calm = live(&mut people, &[notice(1, NoticeKind::BriefOpened, 10 * HOUR, None)], 1, 1);
    assert!(calm.is_empty(), "what is not urgent waits for the mail of the day: {calm:?}");
}

#[test]
fn what_comes_at_once_comes_in_one_mail_and_a_flood_in_one_a_minute() {
    let people = [listener(1, all(Cell::Now))];
    let flood: Vec<Notice> = (1..=40).map(|n| notice(n, NoticeKind::LetterWaiting, HOUR, None)).collect();
    let messages = plan(Millis(HOUR), &people, &flood, &[]);
    assert_eq!((messages.len(), messages[0].notices.len()), (1, 40));
    let told = [Told { notice: flood[0].id, person: person(1), step: Step::Mail, at: Millis(HOUR) }];
    let people = [Listener { mailed: Mailed::NONE.and(Millis(HOUR)), ..people[0].clone() }];
    assert!(plan(Millis(HOUR + GAP_MS - 1), &people, &flood, &told).is_empty());
    assert_eq!(plan(Millis(HOUR + GAP_MS), &people, &flood, &told)[0].notices.len(), 39);
}

#[test]
fn what_is_asked_anew_every_few_seconds_is_mailed_a_few_times_an_hour_however_little_time_is_left() {
    let mut people = [listener(1, NoticePrefs { breaks_quiet: true, ..all(Cell::Now) })];
    let mut mails: Vec<i64> = Vec::new();
    for second in (0..3 * 3600).step_by(2) {
        let now = Millis(second * 1000);
        // Every version takes the place of the one before: nothing that was told stands any more.
        let newest = notice(u128::from(second.unsigned_abs()) + 1, NoticeKind::BriefDue, now.0, Some(now.0 + HOUR / 2));
        for _ in plan(now, &people, &[newest], &[]) {
            people[0].mailed = people[0].mailed.and(now);
            mails.push(now.0);
        }
    }
    assert!(mails.windows(2).all(|pair| pair[1] - pair[0] >= GAP_MS), "{mails:?}");
    for hour in 0..3 {
        let count = mails.iter().filter(|at| **at / HOUR == hour).count();
        assert!((6..=17).contains(&count), "{count} in hour {hour}: {mails:?}");
    }
}

#[test]
fn what_comes_at_once_and_what_is_told_again_are_never_two_mails_within_the_gap() {
    let raising = Some(Raising { after: 30, founders: false });
    let mut prefs = NoticePrefs { raising, ..all(Cell::Digest) };
    prefs.cells.insert(NoticeKind::AgentLost.as_str().into(), Cell::Now.as_str().into());
    let notices = [
        notice(1, NoticeKind::BriefLapsed, 10 * HOUR, None),
        notice(2, NoticeKind::AgentLost, 10 * HOUR + 30 * MINUTE, None),
    ];
    let sent = live(&mut [listener(1, prefs)], &notices, 1, 1);
    let steps: Vec<(i64, Step)> = sent.iter().map(|(at, message)| (at.0 / MINUTE - 630, message.step)).collect();
    assert_eq!(steps, [(0, Step::Mail), (1, Step::Raised)]);
}

#[test]
fn every_founder_hears_of_what_is_urgent_although_whoever_asked_for_that_is_asleep() {
    let asleep = NoticePrefs {
        raising: Some(Raising { after: 30, founders: true }),
        quiet: Some(Quiet { from: 0, to: 23 * 60 }),
        ..all(Cell::Digest)
    };
    let mut people = [listener(1, asleep), listener(2, all(Cell::Digest))];
    let sent = live(&mut people, &[notice(1, NoticeKind::AgentLost, 10 * HOUR, None)], 1, 1);
    let first = sent.iter().find(|(_, message)| message.step == Step::Raised);
    assert_eq!(first.map(|(at, message)| (at.0 / MINUTE - 600, message.person)), Some((60, person(2))), "{sent:?}");
}

#[test]
fn minutes_untouched_are_counted_from_when_it_became_urgent() {
    let raising = Some(Raising { after: 30, founders: false });
    let mut people = [listener(1, NoticePrefs { raising, digest: 23 * 60, ..all(Cell::Digest) })];
    let sent = live(&mut people, &[notice(1, NoticeKind::BriefDue, HOUR, Some(20 * HOUR))], 1, 1);
    assert_eq!((sent[0].0, sent[0].1.step), (Millis(16 * HOUR + 30 * MINUTE), Step::Raised));
}

#[test]
fn a_reviewer_who_said_nothing_is_not_told_of_webhooks() {
    assert_eq!(NoticePrefs::usual(Role::Reviewer).cell(NoticeKind::WebhookOff), Cell::None);
    assert_eq!(NoticePrefs::usual(Role::Founder).cell(NoticeKind::WebhookOff), Cell::Now);
    assert_eq!(NoticePrefs::usual(Role::Reviewer).cell(NoticeKind::BriefDue), Cell::Now);
}

prop_compose! {
    fn some_prefs()(
        cells in prop::collection::vec(prop::sample::select(Cell::ALL), NoticeKind::ALL.len()),
        offset in -840..=840_i32,
        quiet in prop::option::of((0..1440_u32, 0..1440_u32)),
        digest in 0..1440_u32,
        breaks_quiet in any::<bool>(),
        raising in prop::option::of((1..300_u32, any::<bool>())),
    ) -> NoticePrefs {
        let cells = NoticeKind::ALL.iter().zip(cells).map(|(kind, cell)| (kind.as_str().into(), cell.as_str().into()));
        NoticePrefs {
            cells: cells.collect(),
            offset,
            quiet: quiet.map(|(from, to)| Quiet { from, to }),
            digest,
            breaks_quiet,
            raising: raising.map(|(after, founders)| Raising { after, founders }),
        }
    }
}

prop_compose! {
    fn some_notice()(
        kind in prop::sample::select(NoticeKind::ALL),
        at in 0..2 * DAY,
        due in prop::option::of(0..DAY),
    ) -> (NoticeKind, i64, Option<i64>) {
        (kind, at, due.map(|due| at + due))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nobody_is_told_in_quiet_hours_or_twice_and_the_mail_of_the_day_is_one_a_day_at_its_hour(
        prefs in prop::collection::vec(some_prefs(), 1..4),
        waits in prop::collection::vec(some_notice(), 0..8),
    ) {
        let mut people: Vec<Listener> = (1..).zip(prefs).map(|(n, prefs)| listener(n, prefs)).collect();
        let notices: Vec<Notice> = (1..).zip(waits).map(|(n, (kind, at, due))| notice(n, kind, at, due)).collect();
        let of = |id: NoticeId| notices.iter().find(|notice| notice.id == id).unwrap();
        let known = people.clone();
        let (mut heard, mut slots) = (HashSet::new(), HashSet::new());
        for (now, message) in live(&mut people, &notices, 4, 7) {
            let prefs = &known.iter().find(|one| one.person == message.person).unwrap().prefs;
            let critical = |id: &NoticeId| of(*id).kind.urgency(of(*id).due, now) == Urgency::Critical;
            if prefs.is_quiet(now) {
                prop_assert!(prefs.breaks_quiet && message.slot.is_none() && message.notices.iter().all(critical));
            }
            prop_assert!(!message.notices.is_empty());
            for id in &message.notices {
                let is_digest = message.step == Step::Digest;
                prop_assert!(heard.insert((message.person, *id, is_digest)), "twice: {message:?}");
                prop_assert!(prefs.cell(of(*id).kind) != Cell::None);
            }
            if let Some(slot) = message.slot {
                prop_assert!(slots.insert((message.person, slot)));
                prop_assert_eq!((slot.0 / MINUTE + i64::from(prefs.offset)).rem_euclid(1440), i64::from(prefs.digest));
                prop_assert!(now.0 >= slot.0 && now.0 - slot.0 < DAY);
            }
        }
    }
}
