//! Rules about what it may cost and keep.

use super::{Examination, Rule, Severity};
use crate::role::{Budget, OnExceed, Role};

pub(super) fn examine(examination: &mut Examination<'_>) {
    let role: &Role = &examination.file.role;
    let approved = examination.background.approved.map(|approved| &approved.role);
    match role.budget {
        None => {
            let why = "It names no budget; the organization's default holds.";
            let fix = "Write what a day of this agent may cost.";
            examination.add(Rule::BudgetAbsent, Severity::Low, "spec.budget", why, fix);
        }
        Some(Budget { on_exceed: OnExceed::Alert, .. }) => {
            let why = "When its budget is used up it goes on spending, and an alert is all that happens.";
            examination.add(
                Rule::BudgetOnlyAlerts,
                Severity::Medium,
                "spec.budget.on_exceed",
                why,
                "Write on_exceed: pause.",
            );
        }
        Some(_) => {}
    }
    let Some(approved) = approved else { return };
    if let (Some(old), Some(new)) = (approved.budget, role.budget)
        && new.usd_per_day > old.usd_per_day
    {
        let why = format!("Its budget rises from ${} to ${} a day.", old.usd_per_day, new.usd_per_day);
        let fix = "Name the decision that allows it, or keep the budget.";
        examination.add(Rule::BudgetRaised, Severity::Medium, "spec.budget.usd_per_day", why, fix);
    }
    if let (Some(old), None) = (approved.budget, role.budget) {
        let why = format!("Its own budget of ${} a day gives way to the organization's default.", old.usd_per_day);
        examination.add(Rule::BudgetRaised, Severity::Medium, "spec.budget", why, "Keep the budget.");
    }
    if role.volume > approved.volume {
        let why = format!("Its volume grows from {} to {}.", approved.volume, role.volume);
        let fix = "Say in the review what needs the room, or keep the size.";
        examination.add(Rule::VolumeGrown, Severity::Low, "spec.volume.size", why, fix);
    }
}
