//! What stands under `spec.forbidden_actions`: the one list that no role is without.

use super::reader::{At, Fields, Reader};
use crate::{
    fault::FaultKind,
    forbidden::{Ban, Condition, Mandatory, WORD_LEN, Word},
    limit,
    place::Place,
};

/// The bans that can be read. Whether all mandatory ones are among them is judged here too.
pub(super) fn read<'n>(reader: &mut Reader<'n>, spec: &Fields<'n>) -> Vec<Ban> {
    let path = spec.path_of("forbidden_actions");
    let (place, bans) = match spec.get("forbidden_actions").cloned() {
        // Absent: the place is where it would have to be written.
        None => (spec.place, Vec::new()),
        Some(at) => {
            let Some(items) = reader.items(&at) else { return Vec::new() };
            (at.node.place, list(reader, items))
        }
    };
    demand(reader, place, &path, &bans);
    bans.into_iter().map(|(ban, _)| ban).collect()
}

fn list<'n>(reader: &mut Reader<'n>, items: Vec<At<'n>>) -> Vec<(Ban, At<'n>)> {
    let mut bans: Vec<(Ban, At<'n>)> = Vec::new();
    for item in items {
        let Some(ban) = ban(reader, &item) else { continue };
        if bans.iter().any(|(other, _)| (&other.action, &other.scope) == (&ban.action, &ban.scope)) {
            reader.refuse(FaultKind::Duplicate, &item, "This action is forbidden already.", "Remove one of the two.");
        } else {
            bans.push((ban, item));
        }
    }
    bans
}

fn ban<'n>(reader: &mut Reader<'n>, at: &At<'n>) -> Option<Ban> {
    let fields = reader.fields(at, &["action", "scope", "unless"], |_| None)?;
    let fix = format!("Begin with a letter a to z, then a to z, 0 to 9, _ and -, {WORD_LEN} characters at most.");
    let scope = fields.get("scope").map(|at| reader.formed(at, limit::WORD_CHARS, Word::parse, &fix));
    let unless = fields.get("unless").map(|at| {
        let parse = |text: &str| Condition::ALL.into_iter().find(|condition| condition.as_str() == text);
        let known = Condition::ALL.map(Condition::as_str).join(" or ");
        reader.formed(at, limit::WORD_CHARS, parse, &format!("Write {known}."))
    });
    let action = reader.need(&fields, "action", "Write `action:` and what is forbidden.")?;
    let action = reader.formed(&action, limit::WORD_CHARS, Word::parse, &fix)?;
    // A scope or condition that cannot be read must not make the ban wider or narrower.
    let ban = Ban {
        action,
        scope: scope.map_or(Some(None), |s| s.map(Some))?,
        unless: unless.map_or(Some(None), |u| u.map(Some))?,
    };
    if ban.action.as_str() == "delegate_task"
        && ban.scope.is_some()
        && ban.is_absolute()
        && ban.forbidden_delegate().is_none()
    {
        reader.refuse(
            FaultKind::Form,
            at,
            "The scope of delegate_task is no agent's name.",
            "Name the agent, or leave the scope out.",
        );
        return None;
    }
    Some(ban)
}

/// Says what is missing of the mandatory bans, each by itself.
fn demand<'n>(reader: &mut Reader<'n>, list: Place, path: &str, bans: &[(Ban, At<'n>)]) {
    for mandatory in Mandatory::ALL {
        if bans.iter().any(|(ban, _)| ban.mandatory() == Some(mandatory)) {
            continue;
        }
        let (action, line) = (mandatory.action(), mandatory.line());
        match bans.iter().find(|(ban, _)| ban.action.as_str() == action) {
            // It is there, but not in full: that line is the one to mend.
            Some((ban, at)) => {
                let why = format!("“{ban}” forbids less than every role must.");
                reader.refuse(FaultKind::Mandatory, at, why, format!("Write it as {line}."));
            }
            None => {
                let why = format!("Every role must forbid {action}, and this one does not.");
                reader.fault(FaultKind::Mandatory, list, path, why, format!("Add `- {line}`."));
            }
        }
    }
}
