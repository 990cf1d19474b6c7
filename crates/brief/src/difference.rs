//! What a newer version of a brief says otherwise.

use crate::{
    brief::{Brief, BriefOption, Risk},
    money::dollars,
};
use countersign_domain::{
    AgentName, Millis,
    allocation::{Allocation, Share, percent},
};

/// One thing that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is, in words: “question”, “option B: cost”.
    pub what: String,
    /// `None` where it was added.
    pub before: Option<String>,
    /// `None` where it was removed.
    pub after: Option<String>,
}

/// All that `after` says otherwise than `before`, in the order of the page. Empty for two versions that say the same.
pub fn difference(before: &Brief, after: &Brief) -> Vec<Change> {
    let mut changes = Changes(Vec::new());
    let moment = |at: Millis| at.to_rfc3339();
    changes.text("title", &before.title, &after.title);
    changes.text("question", &before.question, &after.question);
    changes.text("category", before.category.as_str(), after.category.as_str());
    changes.text("context", &before.context_md, &after.context_md);
    options(&before.options, &after.options, &mut changes);
    let (old, new) = (&before.recommendation, &after.recommendation);
    changes.text("recommendation", old.key.as_str(), new.key.as_str());
    changes.text("recommendation: why", &old.why, &new.why);
    changes.text("recommendation: confidence", &confidence(old.confidence_micro), &confidence(new.confidence_micro));
    let evidence =
        |brief: &Brief| brief.evidence.iter().map(|one| (one.sha256.to_string(), one.title.clone())).collect();
    named("evidence", &evidence(before), &evidence(after), &mut changes);
    changes.text("deadline", &moment(before.deadline), &moment(after.deadline));
    let silence = |brief: &Brief| brief.at_deadline.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    changes.text("at the deadline", &silence(before), &silence(after));
    changes.text("input needed", &before.input_needed, &after.input_needed);
    let facts = |brief: &Brief| {
        let list: Vec<String> = brief.facts.iter().map(ToString::to_string).collect();
        (!list.is_empty()).then(|| list.join(", "))
    };
    changes.maybe("facts", facts(before), facts(after));
    changes.maybe("trace", before.correlation_id.clone(), after.correlation_id.clone());
    changes.0
}

struct Changes(Vec<Change>);

impl Changes {
    fn text(&mut self, what: &str, before: &str, after: &str) {
        self.maybe(what, Some(before.to_owned()), Some(after.to_owned()));
    }

    fn maybe(&mut self, what: &str, before: Option<String>, after: Option<String>) {
        if before != after {
            self.0.push(Change { what: what.to_owned(), before, after });
        }
    }
}

fn options(before: &[BriefOption], after: &[BriefOption], changes: &mut Changes) {
    for old in before {
        let what = |field: &str| format!("option {}: {field}", old.key);
        let Some(new) = after.iter().find(|new| new.key == old.key) else {
            changes.maybe(&format!("option {}", old.key), Some(old.title.clone()), None);
            continue;
        };
        let undone = |option: &BriefOption| if option.reversible { "can be undone" } else { "cannot be undone" };
        let risk = |option: &BriefOption| option.risk.map(|risk: Risk| risk.as_str().to_owned());
        changes.text(&what("title"), &old.title, &new.title);
        changes.text(&what("consequence"), &old.consequence, &new.consequence);
        changes.text(&what("cost"), &dollars(old.cost_micro_usd), &dollars(new.cost_micro_usd));
        changes.maybe(&what("effort"), old.effort.clone(), new.effort.clone());
        changes.text(&what("reversibility"), undone(old), undone(new));
        changes.maybe(&what("risk"), risk(old), risk(new));
        changes.maybe(&what("allocation"), old.allocation.as_ref().map(shares), new.allocation.as_ref().map(shares));
    }
    for new in after.iter().filter(|new| before.iter().all(|old| old.key != new.key)) {
        changes.maybe(&format!("option {}", new.key), None, Some(new.title.clone()));
    }
    let order = |options: &[BriefOption], others: &[BriefOption]| {
        let kept = options.iter().filter(|one| others.iter().any(|other| other.key == one.key));
        kept.map(|one| one.key.as_str()).collect::<Vec<_>>().join(", ")
    };
    changes.text("order of the options", &order(before, after), &order(after, before));
}

/// An allocation in words: `backend 40 % and $20.00 a day, …`.
pub fn shares(allocation: &Allocation) -> String {
    let one = |(agent, share): (&AgentName, &Share)| {
        format!("{agent} {} and {} a day", percent(share.weight), dollars(share.budget_micro_usd))
    };
    allocation.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Things by their names, each with a title.
fn named(what: &str, before: &Vec<(String, String)>, after: &Vec<(String, String)>, changes: &mut Changes) {
    let title = |list: &Vec<(String, String)>, name: &str| {
        list.iter().find(|(known, _)| known == name).map(|(_, title)| title.clone())
    };
    for (name, old) in before {
        changes.maybe(&format!("{what} {name}"), Some(old.clone()), title(after, name));
    }
    for (name, new) in after {
        if title(before, name).is_none() {
            changes.maybe(&format!("{what} {name}"), None, Some(new.clone()));
        }
    }
    let order = |list: &Vec<(String, String)>, other: &Vec<(String, String)>| {
        let kept = list.iter().filter(|(name, _)| title(other, name).is_some());
        kept.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    changes.text(&format!("order of the {what}"), &order(before, after), &order(after, before));
}

/// As its author wrote it, without zeros that say nothing.
fn confidence(micro: u32) -> String {
    let digits = format!("{}.{:06}", micro / 1_000_000, micro % 1_000_000);
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}
