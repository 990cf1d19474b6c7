//! Forbidden actions that come, go or weaken.

use super::{Changes, Side, Turn};
use crate::forbidden::Ban;

pub(super) fn compare(changes: &mut Changes<'_>) {
    let (old, new) = (&changes.old.role.forbidden_actions, &changes.new.role.forbidden_actions);
    let holds = |list: &[Ban], ban: &Ban| list.iter().any(|other| other.covers(ban));
    for (at, ban) in old.iter().enumerate() {
        if holds(new, ban) {
            continue;
        }
        // What is left of it, if anything is.
        let same = |other: &Ban| (&ban.action, &ban.scope) == (&other.action, &other.scope);
        let left = new.iter().enumerate().find(|(_, other)| ban.covers(other) || same(other));
        match left {
            Some((at, left)) => changes.add(
                Turn::BanWeakened,
                Side::New,
                format!("spec.forbidden_actions[{at}]"),
                format!("Forbidden was “{ban}”; only “{left}” still is."),
            ),
            None => changes.add(
                Turn::BanRemoved,
                Side::Old,
                format!("spec.forbidden_actions[{at}]"),
                format!("“{ban}” is no longer forbidden."),
            ),
        }
    }
    for (at, ban) in new.iter().enumerate() {
        // What only weakens an older one was told above.
        if !holds(old, ban) {
            let sentence = format!("“{ban}” is forbidden now.");
            changes.add(Turn::BanAdded, Side::New, format!("spec.forbidden_actions[{at}]"), sentence);
        }
    }
}
