//! One option of a payload.

use super::{At, Kind, Node, Reader, reader::Fields};
use crate::{
    brief::{BriefOption, Risk},
    fault::Rule,
    limit,
    word::OptionKey,
};
use countersign_domain::{
    AgentName,
    allocation::{Allocation, Share, WHOLE},
    hidden::shown,
};

/// All fields of an option.
pub const FIELDS: [&str; 8] = ["key", "title", "consequence", "cost_usd", "effort", "reversible", "risk", "allocation"];
/// All fields of an agent's share.
const SHARE: [&str; 2] = ["weight", "usd_per_day"];

/// The key alone is enough for others to name the option, whatever else is wrong with it.
pub(super) fn read(reader: &mut Reader, at: &At<'_>) -> (Option<OptionKey>, Option<BriefOption>) {
    let Some(fields) = reader.fields(at, &FIELDS) else { return (None, None) };
    let key = reader.need(&fields, "key", "Give it a short key, as in `A`.").and_then(|at| reader.word(&at));
    let rest = rest(reader, &fields, key.clone());
    (key, rest)
}

fn rest(reader: &mut Reader, fields: &Fields<'_>, key: Option<OptionKey>) -> Option<BriefOption> {
    let before = reader.faults.len();
    let title = reader.need(fields, "title", "Say in a few words what would be done.");
    let title = title.and_then(|at| reader.text(&at, limit::OPTION_TITLE_CHARS, Kind::Line));
    let consequence = reader.need(fields, "consequence", "Say what would come of it.");
    let consequence = consequence.and_then(|at| reader.text(&at, limit::CONSEQUENCE_CHARS, Kind::Lines));
    let fix = "Say what it costs in dollars, as in 40 or 5.48; 0 where it costs nothing.";
    let cost = reader.need(fields, "cost_usd", fix);
    let limits = -limit::COST_MICRO_USD..=limit::COST_MICRO_USD;
    let cost = cost.and_then(|at| reader.millionths(&at, &limits, fix));
    let reversible = reader.need(fields, "reversible", "Say whether it can be undone: true or false.");
    let reversible = reversible.and_then(|at| reader.yes_or_no(&at));
    let effort = fields.get("effort").and_then(|at| reader.text(at, limit::EFFORT_CHARS, Kind::Line));
    let risk = fields.get("risk").and_then(|at| risk(reader, at));
    let allocation = fields.get("allocation").and_then(|at| allocation(reader, at));
    if reader.faults.len() > before {
        return None;
    }
    Some(BriefOption {
        key: key?,
        title: title?,
        consequence: consequence?,
        cost_micro_usd: cost?,
        effort,
        reversible: reversible?,
        risk,
        allocation,
    })
}

/// What each agent gets: `{"backend": {"weight": 400, "usd_per_day": 20}, …}`.
fn allocation(reader: &mut Reader, at: &At<'_>) -> Option<Allocation> {
    let before = reader.faults.len();
    let list = reader.entries(at, limit::AGENTS)?;
    let mut shares = Allocation::new();
    for (name, at) in list {
        let agent = match name.parse::<AgentName>() {
            Ok(agent) => agent,
            Err(error) => {
                let why = format!("“{}” is no agent's name.", shown(name));
                reader.fault(Rule::NoSuchAgent, &at.pointer, why, error.to_string());
                continue;
            }
        };
        let Some(fields) = reader.fields(&at, &SHARE) else { continue };
        let fix = "Write whole per mille of all capacity, from 0 to 1000.";
        let weight = reader.need(&fields, "weight", fix).and_then(|at| {
            // Whole numbers alone: there is nothing between one per mille and the next.
            let millionths = reader.millionths(&at, &(0..=i64::from(WHOLE) * 1_000_000), fix)?;
            let whole = (millionths % 1_000_000 == 0).then(|| u32::try_from(millionths / 1_000_000).ok()).flatten();
            if whole.is_none() {
                reader.fault(Rule::Form, &at.pointer, "A weight is a whole number.", fix);
            }
            whole
        });
        let fix = "Say how many dollars the agent may spend in a day, as in 20 or 5.48; 0 for none.";
        let budget = reader.need(&fields, "usd_per_day", fix);
        let budget = budget.and_then(|at| reader.millionths(&at, &(0..=limit::BUDGET_MICRO_USD), fix));
        if let (Some(weight), Some(budget_micro_usd)) = (weight, budget)
            && shares.insert(agent, Share { budget_micro_usd, weight }).is_some()
        {
            let why = format!("The agent “{name}” is there twice.");
            reader.fault(Rule::Duplicate, &at.pointer, why, "Keep one of them.");
        }
    }
    (reader.faults.len() == before).then_some(shares)
}

fn risk(reader: &mut Reader, at: &At<'_>) -> Option<Risk> {
    let text = match at.node {
        Node::Text(text) => text.as_str(),
        _ => "",
    };
    let risk = Risk::ALL.into_iter().find(|risk| risk.as_str() == text);
    if risk.is_none() {
        let why = format!("“{}” is no risk.", shown(text));
        reader.fault(Rule::Form, &at.pointer, why, "Write low, medium or high.");
    }
    risk
}
