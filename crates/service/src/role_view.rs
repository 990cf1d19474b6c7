//! What a role file says, for people. Texts of the file are made visible: whoever wrote it may want to mislead.

use crate::visible_text::{shown, visible_line};
use countersign_domain::{
    reading::{BanRow, BanTurn, DiffLine, LineChange, RoleChange, RoleFault, RolePowers, RoleTurn},
    review::{Finding, Severity},
};
use countersign_role::{
    Faults, RoleFile, compile,
    diff::{LineTag, Turn, diff, text_diff},
    examine::{self, Background, examine},
    role::OnExceed,
};

/// Lines that stay around a change.
const CONTEXT: usize = 3;

pub(crate) fn faults(faults: &Faults) -> (Vec<RoleFault>, usize) {
    let fault = |fault: &countersign_role::Fault| RoleFault {
        line: fault.place.line,
        column: fault.place.column,
        path: visible_line(&fault.path),
        why: visible_line(&fault.why),
        fix: visible_line(&fault.fix),
    };
    (faults.list.iter().map(fault).collect(), faults.more)
}

/// What the role allows, all of it.
pub(crate) fn powers(file: &RoleFile) -> RolePowers {
    let powers = compile(&file.role);
    let texts = |list: &[countersign_role::pattern::PathPattern]| list.iter().map(ToString::to_string).collect();
    let mut reads: Vec<String> = texts(&powers.workspace.allow);
    if powers.workspace.metrics {
        reads.insert(0, "metrics".to_owned());
    }
    let budget = powers.budget.map_or_else(
        || "the organization's default".to_owned(),
        |budget| {
            let then = match budget.on_exceed {
                OnExceed::Pause => "pauses it",
                OnExceed::Alert => "only alerts",
            };
            format!("${} a day; more {then}", budget.usd_per_day)
        },
    );
    let consumer = &powers.bus.consumer;
    RolePowers {
        queue: format!(
            "{} at a time, {} attempts, {} s to answer",
            consumer.max_ack_pending, consumer.max_deliver, consumer.ack_wait_seconds
        ),
        publish: powers.bus.publish.allow,
        publish_denied: powers.bus.publish.deny,
        subscribe: powers.bus.subscribe.allow,
        kinds: powers.kinds.iter().flatten().map(ToString::to_string).collect(),
        reads,
        reads_denied: texts(&powers.workspace.deny),
        hosts: powers.hosts.iter().map(ToString::to_string).collect(),
        budget,
        launcher: file.role.runtime.launcher().to_owned(),
        kubernetes: powers.kubernetes.map(|manifests| manifests.to_yaml()),
    }
}

pub(crate) fn changes(old: &RoleFile, new: &RoleFile) -> Vec<RoleChange> {
    let turn = |turn| match turn {
        Turn::BanRemoved => RoleTurn::BanRemoved,
        Turn::BanWeakened => RoleTurn::BanWeakened,
        Turn::PowerGained => RoleTurn::PowerGained,
        Turn::PowerLost => RoleTurn::PowerLost,
        Turn::LimitLooser => RoleTurn::LimitLooser,
        Turn::LimitTighter => RoleTurn::LimitTighter,
        Turn::BanAdded => RoleTurn::BanAdded,
        Turn::Other => RoleTurn::Other,
    };
    diff(old, new)
        .into_iter()
        .map(|change| RoleChange {
            turn: turn(change.turn),
            sentence: visible_line(&change.sentence),
            line: change.place.line,
        })
        .collect()
}

/// The forbidden actions of both files, those that are gone first.
pub(crate) fn bans(old: Option<&RoleFile>, new: &RoleFile) -> Vec<BanRow> {
    let before = old.map_or(&[][..], |file| &file.role.forbidden_actions);
    let now = &new.role.forbidden_actions;
    let gone = before.iter().filter(|ban| !now.contains(ban)).map(|ban| (BanTurn::Removed, ban));
    let here = now.iter().map(|ban| {
        let kept = before.contains(ban);
        (if kept { BanTurn::Kept } else { BanTurn::Added }, ban)
    });
    let mut rows: Vec<BanRow> = gone.chain(here).map(|(turn, ban)| BanRow { turn, words: ban.to_string() }).collect();
    rows.sort_by_key(|row| row.turn);
    rows
}

/// Both texts line by line; lines far from a change are left out.
pub(crate) fn lines(old: &str, new: &str) -> Vec<DiffLine> {
    let lines = text_diff(old, new);
    let near = |at: usize| {
        let from = at.saturating_sub(CONTEXT);
        let to = (at + CONTEXT + 1).min(lines.len());
        lines[from..to].iter().any(|line| line.tag != LineTag::Same)
    };
    let kept = lines.iter().enumerate().filter(|(at, _)| near(*at));
    kept.map(|(_, line)| DiffLine {
        change: match line.tag {
            LineTag::Same => LineChange::Same,
            LineTag::Removed => LineChange::Removed,
            LineTag::Added => LineChange::Added,
        },
        text: visible_line(&line.text),
    })
    .collect()
}

/// What the built-in rules find.
pub(crate) fn findings(file: &RoleFile, background: Background<'_>) -> Vec<Finding> {
    let severity = |severity| match severity {
        examine::Severity::Critical => Severity::Critical,
        examine::Severity::High => Severity::High,
        examine::Severity::Medium => Severity::Medium,
        examine::Severity::Low => Severity::Low,
    };
    examine(file, background)
        .into_iter()
        .map(|finding| Finding {
            rule: finding.rule.as_str().to_owned(),
            severity: severity(finding.severity),
            line: finding.place.line,
            column: finding.place.column,
            path: visible_line(&finding.path),
            why: visible_line(&finding.why),
            fix: visible_line(&finding.fix),
        })
        .collect()
}

/// A text of the file as it is shown.
pub(crate) fn visible(text: &str) -> String {
    shown(text).0
}
