//! How a task stands, from everything that is known about it. Pure: the same facts give the same
//! attempts and the same state, in whatever order they were learnt.

use crate::{
    Millis,
    bus_fact::SignalKind,
    letter::{LetterCause, LetterState},
    task::{AttemptOutcome, TaskState},
};
use std::collections::BTreeMap;

/// One thing that was said about an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The attempt's number within its task, 1 for the first.
    pub number: i32,
    pub kind: SignalKind,
    pub at: Millis,
    /// How long the worker took, where the bus says so. Milliseconds.
    pub worked_ms: Option<i64>,
    pub reason: Option<String>,
    /// Where it was said (stream, epoch, sequence): what decides between two reasons of the same moment.
    pub source: (String, i64, i64),
}

/// One attempt at a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub number: i32,
    pub outcome: AttemptOutcome,
    pub started: Option<Millis>,
    pub ended: Option<Millis>,
    pub reason: Option<String>,
}

/// Up to this number, deliveries that nobody spoke of are attempts too. Beyond it only those that somebody
/// did: a number is said in a few bytes, and must not become as many rows.
const MOST_UNSPOKEN: i32 = 1_000;

/// The attempts at a task, from the first to the last that anybody spoke of. What a worker says through the
/// Workspace API counts before what the bus says: an acknowledgement of somebody who lost the lease is no
/// result. A delivery of which nothing is known, followed by another, got no answer. Only the first success
/// counts as one.
pub fn attempts(said: &[Said]) -> Vec<Attempt> {
    let mut by_number: BTreeMap<i32, Vec<&Said>> = BTreeMap::new();
    for one in said {
        by_number.entry(one.number).or_default().push(one);
    }
    let last = by_number.keys().next_back().copied().unwrap_or(0);
    let mut succeeded = false;
    let spoken_of = by_number.keys().copied().filter(|number| *number >= 1);
    let numbers: Vec<i32> = if last <= MOST_UNSPOKEN { (1..=last).collect() } else { spoken_of.collect() };
    numbers
        .into_iter()
        .map(|number| {
            let about = by_number.get(&number).map_or(&[][..], Vec::as_slice);
            let mut one = attempt(number, about, number < last);
            if one.outcome == AttemptOutcome::Succeeded && std::mem::replace(&mut succeeded, true) {
                one.outcome = AttemptOutcome::Repeated;
            }
            one
        })
        .collect()
}

fn attempt(number: i32, about: &[&Said], followed: bool) -> Attempt {
    use AttemptOutcome::{GivenUp, NoAnswer, Returned, Running, Succeeded};
    let first = |kinds: &[SignalKind]| about.iter().filter(|said| kinds.contains(&said.kind)).map(|said| said.at).min();
    let claimed = first(&[SignalKind::Claimed]);
    let exhausted = first(&[SignalKind::Exhausted]);
    // In the order in which they count.
    let of_holder = [
        (SignalKind::Completed, Succeeded),
        (SignalKind::GaveUp, GivenUp),
        (SignalKind::Returned, Returned),
        (SignalKind::LeaseEnded, NoAnswer),
    ];
    let of_bus: [(&[SignalKind], AttemptOutcome); 4] = [
        (&[SignalKind::Acked, SignalKind::Vanished], Succeeded),
        (&[SignalKind::Terminated], GivenUp),
        (&[SignalKind::Naked], Returned),
        (&[SignalKind::Exhausted], NoAnswer),
    ];
    let holder = of_holder.iter().find_map(|(kind, outcome)| Some((*outcome, first(&[*kind])?)));
    let bus = || of_bus.iter().find_map(|(kinds, outcome)| Some((*outcome, first(kinds)?)));
    let deleted = first(&[SignalKind::Deleted]);
    let (outcome, ended) = if let Some((outcome, at)) = holder {
        (outcome, Some(at))
    } else if claimed.is_some() {
        if exhausted.is_some() || followed { (NoAnswer, exhausted) } else { (Running, None) }
    } else if let Some((outcome, at)) = bus() {
        (outcome, Some(at))
    } else if followed {
        (NoAnswer, deleted)
    } else {
        (if deleted.is_some() { GivenUp } else { Running }, deleted)
    };
    let begun = first(&[SignalKind::Started, SignalKind::Claimed]).or_else(|| {
        let acked = about.iter().filter(|said| said.kind == SignalKind::Acked);
        acked.filter_map(|said| Some(Millis(said.at.0 - said.worked_ms?))).min()
    });
    Attempt { number, outcome, started: begun, ended, reason: reason(about) }
}

/// Why the attempt went wrong: the word of whoever ended it, else a complaint, else anything that was said.
fn reason(about: &[&Said]) -> Option<String> {
    let rank = |kind: SignalKind| match kind {
        SignalKind::Terminated | SignalKind::GaveUp | SignalKind::Returned => 0,
        SignalKind::Complained => 1,
        _ => 2,
    };
    let with_reason = about.iter().filter(|said| said.reason.is_some());
    with_reason.min_by_key(|said| (rank(said.kind), said.at, &said.source)).and_then(|said| said.reason.clone())
}

/// What is known of a task beside its attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    pub created: Millis,
    pub cancelled: Option<Millis>,
    /// There was no agent of that name when it came.
    pub unknown_agent: bool,
    /// It is, or was, on the bus.
    pub on_bus: bool,
    pub letter: Option<(LetterState, LetterCause, Millis)>,
}

/// How a task stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub state: TaskState,
    pub attempts: i32,
    pub reason: Option<String>,
    pub updated: Millis,
    pub ended: Option<Millis>,
}

/// Said of a task that nobody could take.
const NO_AGENT: &str = "There was no agent of this name when the task came.";

/// The state of a task. A founder's word counts before what workers say.
pub fn standing(known: &Known, attempts: &[Attempt]) -> Standing {
    let ended_as = |outcome| attempts.iter().any(|attempt| attempt.outcome == outcome);
    let letter = known.letter.map(|(state, ..)| state);
    let state = match (letter, attempts.last()) {
        _ if known.cancelled.is_some() => TaskState::Cancelled,
        (Some(LetterState::Replaying | LetterState::Replayed), _) => TaskState::Replayed,
        (Some(LetterState::Dismissed), _) => TaskState::Dismissed,
        _ if ended_as(AttemptOutcome::Succeeded) => TaskState::Succeeded,
        _ if ended_as(AttemptOutcome::GivenUp) => TaskState::Failed,
        (Some(LetterState::Waiting), _) => match known.letter.map(|(_, cause, _)| cause) {
            Some(LetterCause::GivenUp) => TaskState::Failed,
            Some(LetterCause::Undeliverable) => TaskState::Undeliverable,
            _ => TaskState::Dead,
        },
        (_, None) if known.unknown_agent => TaskState::Undeliverable,
        (_, Some(last)) if last.outcome == AttemptOutcome::Running => TaskState::Running,
        (_, Some(_)) => TaskState::Retrying,
        (_, None) if !known.on_bus => TaskState::Scheduled,
        (_, None) => TaskState::Queued,
    };
    let lettered = known.letter.map(|(.., at)| at);
    let settling = |attempt: &&Attempt| matches!(attempt.outcome, AttemptOutcome::Succeeded | AttemptOutcome::GivenUp);
    let settled = attempts.iter().filter(settling).filter_map(|attempt| attempt.ended).min();
    let moments = attempts.iter().flat_map(|attempt| [attempt.started, attempt.ended]);
    let reason = attempts.iter().rev().find_map(|attempt| attempt.reason.clone());
    Standing {
        state,
        attempts: attempts.last().map_or(0, |attempt| attempt.number),
        reason: reason.or_else(|| known.unknown_agent.then(|| NO_AGENT.to_owned())),
        updated: moments.chain([known.cancelled, lettered]).flatten().fold(known.created, Millis::max),
        ended: match state {
            TaskState::Cancelled => known.cancelled,
            TaskState::Succeeded | TaskState::Failed => settled.or(lettered),
            _ if lettered.is_some() => lettered,
            TaskState::Undeliverable => Some(known.created),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(number: i32, kind: SignalKind, at: i64) -> Said {
        let source = ("SIGNALS".to_owned(), 0, at);
        Said { number, kind, at: Millis(at), worked_ms: None, reason: None, source }
    }

    fn outcomes(said: &[Said]) -> Vec<AttemptOutcome> {
        attempts(said).into_iter().map(|attempt| attempt.outcome).collect()
    }

    const OPEN: Known = Known { created: Millis(5), cancelled: None, unknown_agent: false, on_bus: true, letter: None };

    #[test]
    fn the_bus_alone_tells_how_an_attempt_ended() {
        for (kind, outcome) in [
            (SignalKind::Acked, AttemptOutcome::Succeeded),
            (SignalKind::Vanished, AttemptOutcome::Succeeded),
            (SignalKind::Naked, AttemptOutcome::Returned),
            (SignalKind::Terminated, AttemptOutcome::GivenUp),
            (SignalKind::Exhausted, AttemptOutcome::NoAnswer),
            (SignalKind::Deleted, AttemptOutcome::GivenUp),
            (SignalKind::Started, AttemptOutcome::Running),
            (SignalKind::Complained, AttemptOutcome::Running),
        ] {
            assert_eq!(outcomes(&[said(1, kind, 10)]), [outcome], "{kind:?}");
        }
    }

    #[test]
    fn an_acknowledgement_of_somebody_who_lost_the_lease_is_no_result() {
        let claim = said(1, SignalKind::Claimed, 10);
        let late = said(1, SignalKind::Acked, 40);
        assert_eq!(outcomes(&[claim.clone(), late.clone()]), [AttemptOutcome::Running]);
        let ended = said(1, SignalKind::LeaseEnded, 30);
        assert_eq!(outcomes(&[claim, ended, late]), [AttemptOutcome::NoAnswer]);
    }

    #[test]
    fn a_delivery_followed_by_another_got_no_answer_even_where_nobody_spoke_of_it() {
        assert_eq!(
            outcomes(&[said(3, SignalKind::Acked, 10)]),
            [AttemptOutcome::NoAnswer, AttemptOutcome::NoAnswer, AttemptOutcome::Succeeded]
        );
    }

    #[test]
    fn a_huge_number_does_not_become_as_many_attempts() {
        let made = attempts(&[said(1, SignalKind::Naked, 1), said(i32::MAX, SignalKind::Acked, 10)]);
        assert_eq!(made.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, i32::MAX]);
        assert_eq!(standing(&OPEN, &made).state, TaskState::Succeeded);
    }

    #[test]
    fn only_the_first_success_counts_as_one() {
        let twice = [said(1, SignalKind::Acked, 10), said(2, SignalKind::Acked, 20)];
        assert_eq!(outcomes(&twice), [AttemptOutcome::Succeeded, AttemptOutcome::Repeated]);
        let stands = standing(&OPEN, &attempts(&twice));
        assert_eq!((stands.state, stands.attempts), (TaskState::Succeeded, 2));
        assert_eq!((stands.ended, stands.updated), (Some(Millis(10)), Millis(20)));
    }

    #[test]
    fn the_reason_is_the_word_of_whoever_ended_the_attempt() {
        let with = |kind, at, reason: &str| Said { reason: Some(reason.to_owned()), ..said(1, kind, at) };
        let words = [
            with(SignalKind::Naked, 1, "later"),
            with(SignalKind::Complained, 2, "no key"),
            with(SignalKind::Terminated, 3, "no such repository"),
        ];
        for (count, reason) in [(1, "later"), (2, "no key"), (3, "no such repository")] {
            assert_eq!(attempts(&words[..count])[0].reason.as_deref(), Some(reason));
        }
    }

    #[test]
    fn the_order_in_which_facts_are_learnt_changes_nothing() {
        let mut facts = vec![
            said(1, SignalKind::Started, 3),
            said(1, SignalKind::Naked, 9),
            said(2, SignalKind::Claimed, 12),
            said(2, SignalKind::LeaseEnded, 30),
            Said { worked_ms: Some(4), ..said(3, SignalKind::Acked, 50) },
        ];
        let before = attempts(&facts);
        assert_eq!(before[2].started, Some(Millis(46)));
        facts.reverse();
        assert_eq!(attempts(&facts), before);
    }

    #[test]
    fn a_founders_word_counts_before_what_workers_say() {
        let done = attempts(&[said(1, SignalKind::Acked, 10)]);
        let letter = |state| Some((state, LetterCause::Exhausted, Millis(8)));
        let state = |known: Known| standing(&known, &done).state;
        assert_eq!(state(Known { cancelled: Some(Millis(7)), ..OPEN }), TaskState::Cancelled);
        assert_eq!(state(Known { letter: letter(LetterState::Replaying), ..OPEN }), TaskState::Replayed);
        assert_eq!(state(Known { letter: letter(LetterState::Dismissed), ..OPEN }), TaskState::Dismissed);
        assert_eq!(state(Known { letter: letter(LetterState::Waiting), ..OPEN }), TaskState::Succeeded);
    }

    #[test]
    fn without_attempts_a_task_is_scheduled_queued_or_undeliverable() {
        let state = |known: Known| standing(&known, &[]).state;
        assert_eq!(state(Known { on_bus: false, ..OPEN }), TaskState::Scheduled);
        assert_eq!(state(OPEN), TaskState::Queued);
        let nobody = standing(&Known { unknown_agent: true, ..OPEN }, &[]);
        assert_eq!((nobody.state, nobody.ended), (TaskState::Undeliverable, Some(Millis(5))));
        assert!(nobody.reason.is_some());
    }
}
