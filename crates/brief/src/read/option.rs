//! One option of a payload.

use super::{At, Kind, Node, Reader, reader::Fields};
use crate::{
    brief::{BriefOption, Risk},
    fault::Rule,
    limit,
    word::OptionKey,
};
use countersign_domain::hidden::shown;

/// All fields of an option.
pub const FIELDS: [&str; 7] = ["key", "title", "consequence", "cost_usd", "effort", "reversible", "risk"];

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
    })
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
