//! Limits that leave more room or less.

use super::{Changes, Side, Turn};
use crate::role::{Budget, OnExceed, Role, Runtime};
use std::fmt::Display;

pub(super) fn compare(changes: &mut Changes<'_>) {
    let (old, new): (&Role, &Role) = (&changes.old.role, &changes.new.role);
    let (was, is) = (&old.consumes, &new.consumes);
    limit(changes, "spec.consumes.ack_wait", "The time that it may stay silent over a task", was.ack_wait, is.ack_wait);
    limit(changes, "spec.consumes.max_deliver", "The number of attempts of a task", was.max_deliver, is.max_deliver);
    let pending = "The number of tasks that it may hold at a time";
    limit(changes, "spec.consumes.max_ack_pending", pending, was.max_ack_pending, is.max_ack_pending);
    limit(changes, "spec.volume.size", "Its volume", old.volume, new.volume);
    if let (Runtime::Kubernetes { cpu, memory, .. }, Runtime::Kubernetes { cpu: new_cpu, memory: new_memory, .. }) =
        (&old.runtime, &new.runtime)
    {
        limit(changes, "spec.runtime.cpu", "Its processor time", *cpu, *new_cpu);
        limit(changes, "spec.runtime.memory", "Its memory", *memory, *new_memory);
    }
    budget(changes, old.budget, new.budget);
}

/// Tells a limit that moved. What the new file leaves out stands where it was in the old one.
fn limit<T: PartialOrd + Display>(changes: &mut Changes<'_>, path: &str, what: &str, old: T, new: T) {
    let turn = if new > old {
        Turn::LimitLooser
    } else if new < old {
        Turn::LimitTighter
    } else {
        return;
    };
    let word = if turn == Turn::LimitLooser { "grows" } else { "shrinks" };
    changes.add(turn, Side::New, path, format!("{what} {word} from {old} to {new}."));
}

fn budget(changes: &mut Changes<'_>, old: Option<Budget>, new: Option<Budget>) {
    let path = "spec.budget.usd_per_day";
    let (old, new) = match (old, new) {
        (None, None) => return,
        // Which of the two is more only the tenant's default can say: without a number of its own, it is told as more.
        (Some(old), None) => {
            let sentence = format!("Its budget of ${} a day gives way to the organization's default.", old.usd_per_day);
            changes.add(Turn::LimitLooser, Side::Old, path, sentence);
            return;
        }
        (None, Some(new)) => {
            let sentence = format!("The organization's default budget gives way to ${} a day.", new.usd_per_day);
            changes.add(Turn::LimitLooser, Side::New, path, sentence);
            if new.on_exceed == OnExceed::Alert {
                exceed(changes, Turn::LimitLooser);
            }
            return;
        }
        (Some(old), Some(new)) => (old, new),
    };
    if old.usd_per_day != new.usd_per_day {
        let (turn, word) = if new.usd_per_day > old.usd_per_day {
            (Turn::LimitLooser, "rises")
        } else {
            (Turn::LimitTighter, "falls")
        };
        let sentence = format!("Its budget {word} from ${} to ${} a day.", old.usd_per_day, new.usd_per_day);
        changes.add(turn, Side::New, path, sentence);
    }
    match (old.on_exceed, new.on_exceed) {
        (OnExceed::Pause, OnExceed::Alert) => exceed(changes, Turn::LimitLooser),
        (OnExceed::Alert, OnExceed::Pause) => exceed(changes, Turn::LimitTighter),
        (OnExceed::Pause, OnExceed::Pause) | (OnExceed::Alert, OnExceed::Alert) => {}
    }
}

fn exceed(changes: &mut Changes<'_>, turn: Turn) {
    let sentence = match turn {
        Turn::LimitLooser => "When its budget is used up, it goes on and an alert is sent.",
        _ => "When its budget is used up, it is paused.",
    };
    changes.add(turn, Side::New, "spec.budget.on_exceed", sentence);
}
