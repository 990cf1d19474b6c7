//! What the past would have been under other powers: shown before they are approved.

use crate::powers::Powers;
use serde::Serialize;

/// A task of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastTask<'t> {
    /// The agent that it was for.
    pub recipient: &'t str,
    pub kind: &'t str,
    /// The agent that gave it, where that is known; `None` for people and where nobody knows.
    pub sender: Option<&'t str>,
}

/// Why a task would have gone otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The agent gave it.
    Sending,
    /// The agent is to take it.
    Taking,
}

/// One task that would have gone otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Otherwise {
    /// Its number among the tasks that were looked at, from 0.
    pub number: u64,
    pub recipient: String,
    pub kind: String,
    pub sender: Option<String>,
    pub because: Because,
}

/// How many tasks would have gone otherwise, and which.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WhatIf {
    /// All that were looked at.
    pub tasks: u64,
    /// Those that the agent gave or was to take.
    pub concerned: u64,
    /// Those that were allowed before and would be refused.
    pub refused: u64,
    /// Those that were refused before and would be allowed.
    pub newly_allowed: u64,
    /// The first [`MOST_LISTED`] of the refused ones.
    pub refused_list: Vec<Otherwise>,
    /// The first [`MOST_LISTED`] of the newly allowed ones.
    pub newly_allowed_list: Vec<Otherwise>,
}

/// A page shows no more; the counts are of all.
pub const MOST_LISTED: usize = 200;

/// Looks at each task once. `old` is `None` for an agent's first role: nothing was allowed before.
///
/// A task that the agent gave needs the permission to publish it; one that it is to take needs its kind among
/// those that the agent handles. Of a task whose sender nobody knows only the taking is judged.
pub fn what_if<'t>(old: Option<&Powers>, new: &Powers, tasks: impl IntoIterator<Item = PastTask<'t>>) -> WhatIf {
    let mut found = WhatIf::default();
    for (number, task) in (0..).zip(tasks) {
        found.tasks += 1;
        let agent = new.agent.as_str();
        let (sent, takes) = (task.sender == Some(agent), task.recipient == agent);
        if !sent && !takes {
            continue;
        }
        found.concerned += 1;
        let was = old.map_or((false, false), |old| judged(old, task));
        let is = judged(new, task);
        // Sending comes first: what is not sent is not taken.
        let because = if sent && was.0 != is.0 {
            Because::Sending
        } else if takes && was.1 != is.1 {
            Because::Taking
        } else {
            continue;
        };
        let allowed = if because == Because::Sending { is.0 } else { is.1 };
        let (count, list) = if allowed {
            (&mut found.newly_allowed, &mut found.newly_allowed_list)
        } else {
            (&mut found.refused, &mut found.refused_list)
        };
        *count += 1;
        if list.len() < MOST_LISTED {
            list.push(Otherwise {
                number,
                recipient: task.recipient.to_owned(),
                kind: task.kind.to_owned(),
                sender: task.sender.map(str::to_owned),
                because,
            });
        }
    }
    found
}

/// Whether the agent may send it, and whether it takes it.
fn judged(powers: &Powers, task: PastTask<'_>) -> (bool, bool) {
    let sent = task.sender == Some(powers.agent.as_str());
    let may_send = sent && powers.bus.publish.permit(&format!("tasks.{}.{}", task.recipient, task.kind));
    (may_send, powers.takes(task.kind))
}
