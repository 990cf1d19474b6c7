//! Powers that are gained or lost. The lists of the file are compared for their places and words; the compiled
//! patterns after them, so that nothing can be gained that no line tells.

use super::{Changes, Side, Turn};
use crate::{
    pattern::subject_covers,
    powers::{Powers, compile},
    role::{Read, Role},
};

pub(super) fn compare(changes: &mut Changes<'_>) {
    let (old, new) = (compile(&changes.old.role), compile(&changes.new.role));
    one_way(changes, Side::New, &old, &new);
    one_way(changes, Side::Old, &new, &old);
}

/// Tells what `has` has and `lacks` lacks: `side` says in whose file it stands. On the new side that is gained, on
/// the old one lost.
fn one_way(changes: &mut Changes<'_>, side: Side, lacks: &Powers, has: &Powers) {
    let (role, other): (&Role, &Role) = match side {
        Side::New => (&changes.new.role, &changes.old.role),
        Side::Old => (&changes.old.role, &changes.new.role),
    };
    let turn = match side {
        Side::New => Turn::PowerGained,
        Side::Old => Turn::PowerLost,
    };
    let says = |what: String| match side {
        Side::New => format!("It may now {what}."),
        Side::Old => format!("It may no longer {what}."),
    };

    // Its own name stands in all of its subjects; that it changed is told by itself.
    let renamed = has.agent != lacks.agent;
    for (at, pattern) in has.bus.publish.allow.iter().enumerate() {
        let covered = lacks.bus.publish.allow.iter().any(|kept| subject_covers(kept, pattern));
        if covered || (renamed && is_own(has, pattern)) {
            continue;
        }
        let (path, what) = described(role, pattern, at);
        changes.add(turn, side, path, says(what));
    }
    for denied in &lacks.bus.publish.deny {
        let still = has.bus.publish.deny.iter().any(|kept| subject_covers(kept, denied));
        if !still && !renamed && !has.bus.publish.allow.iter().any(|pattern| subject_covers(denied, pattern)) {
            changes.add(
                turn,
                side,
                "spec.forbidden_actions",
                says(format!("publish to {denied} as far as its role opens it")),
            );
        }
    }

    for (at, read) in role.reads.iter().enumerate() {
        let covered = match read {
            Read::Metrics => other.reads.contains(read),
            Read::Documents(pattern) => {
                other.reads.iter().any(|kept| matches!(kept, Read::Documents(kept) if kept.covers(pattern)))
            }
        };
        if !covered {
            let what = match read {
                Read::Metrics => "read the organization's live figures".to_owned(),
                Read::Documents(pattern) => format!("read documents at {pattern}"),
            };
            changes.add(turn, side, format!("spec.reads[{at}]"), says(what));
        }
    }
    for (at, host) in role.hosts.iter().enumerate() {
        if !other.hosts.iter().any(|kept| kept.covers(host)) {
            changes.add(turn, side, format!("spec.network.hosts[{at}]"), says(format!("reach the host {host}")));
        }
    }
    kinds(changes, turn, side, lacks, has, says);
}

fn is_own(powers: &Powers, pattern: &str) -> bool {
    let name = powers.agent.as_str();
    pattern.split('.').any(|part| part == name || part.strip_suffix("-agent") == Some(name))
}

/// The field that opens a pattern, and what it allows in words.
fn described(role: &Role, pattern: &str, at: usize) -> (String, String) {
    let mut tokens = pattern.splitn(3, '.');
    match (tokens.next(), tokens.next(), tokens.next()) {
        (Some("tasks"), Some(agent), _) => {
            let at = role.delegates_to.iter().position(|name| name.as_str() == agent).unwrap_or(at);
            (format!("spec.delegates_to[{at}]"), format!("give tasks to {agent} ({pattern})"))
        }
        (Some("events"), _, Some(topic)) => {
            let named = role.broadcasts.as_ref().and_then(|topics| topics.iter().position(|t| t.as_str() == topic));
            let path = named.map_or("spec.broadcasts".to_owned(), |at| format!("spec.broadcasts[{at}]"));
            let what = if topic == ">" { "broadcast events of every topic" } else { "broadcast events" };
            (path, format!("{what} ({pattern})"))
        }
        _ => ("metadata.name".to_owned(), format!("publish to {pattern}")),
    }
}

fn kinds(
    changes: &mut Changes<'_>,
    turn: Turn,
    side: Side,
    lacks: &Powers,
    has: &Powers,
    says: impl Fn(String) -> String,
) {
    let path = "spec.consumes.kinds";
    match (&lacks.kinds, &has.kinds) {
        (Some(_), None) => changes.add(turn, side, path, says("take tasks of every kind".to_owned())),
        (Some(_), Some(kinds)) => {
            for (at, kind) in kinds.iter().enumerate().filter(|(_, kind)| !lacks.takes(kind.as_str())) {
                changes.add(turn, side, format!("{path}[{at}]"), says(format!("take tasks of the kind {kind}")));
            }
        }
        (None, _) => {}
    }
}
