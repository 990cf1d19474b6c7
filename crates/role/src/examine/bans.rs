//! Rules about forbidden actions.

use super::{Examination, Rule, Severity};
use crate::{
    diff::{self, Turn},
    forbidden::Ban,
};

/// What every role should forbid, besides what it must: with the damage that it does.
pub(super) const RECOMMENDED: [(&str, &str); 4] = [
    ("override_security_review", "An agent of another fleet once tried to override another agent's review."),
    ("change_role", "Powers that change themselves are not the ones that were approved."),
    ("change_budget", "What an agent may cost is the founder's decision."),
    ("deploy", "What is deployed before it is reviewed is reviewed too late."),
];

pub(super) fn examine(examination: &mut Examination<'_>) {
    let file = examination.file;
    if let Some(approved) = examination.background.approved {
        for change in diff::diff(approved, file) {
            let (rule, severity) = match change.turn {
                Turn::BanRemoved => (Rule::BanRemoved, Severity::Critical),
                Turn::BanWeakened => (Rule::BanWeakened, Severity::High),
                _ => continue,
            };
            // The old file's line says nothing in this one: the list does.
            let path = if change.turn == Turn::BanRemoved { "spec.forbidden_actions".to_owned() } else { change.path };
            let why = format!("The approved role was stricter. {}", change.sentence);
            examination.add(rule, severity, path, why, "Forbid it as before, or say in the review why not.");
        }
    }
    let bans = &file.role.forbidden_actions;
    for (at, ban) in bans.iter().enumerate() {
        let path = format!("spec.forbidden_actions[{at}]");
        if !ban.is_absolute() {
            let why = format!("“{ban}” holds only until its condition does, and only where the runner asks for it.");
            let fix = "Forbid it without a condition, and let another agent do it.";
            examination.add(Rule::ConditionalBan, Severity::Low, format!("{path}.unless"), why, fix);
        }
        for contradicted in
            file.role.delegates_to.iter().enumerate().filter(|(_, name)| forbids_delegate(ban, name.as_str()))
        {
            let (at, name) = contradicted;
            let why = format!("It names {name} as a delegate, and “{ban}” forbids that; the ban holds.");
            examination.add(
                Rule::ContradictingBan,
                Severity::Medium,
                format!("spec.delegates_to[{at}]"),
                why,
                "Remove one of the two.",
            );
        }
    }
    for (action, damage) in RECOMMENDED {
        if !bans.iter().any(|ban| ban.action.as_str() == action) {
            let why = format!("It does not forbid {action}. {damage}");
            let fix = format!("Add `- {{ action: {action} }}`.");
            examination.add(Rule::MissingRecommendedBan, Severity::Medium, "spec.forbidden_actions", why, fix);
        }
    }
}

fn forbids_delegate(ban: &Ban, name: &str) -> bool {
    match ban.forbidden_delegate() {
        Some(delegate) => delegate.as_str() == name,
        None => ban.action.as_str() == "delegate_task" && ban.scope.is_none() && ban.is_absolute(),
    }
}
