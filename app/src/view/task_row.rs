//! What a task's line says beyond its fields.

use super::{duration, face::Tone, task_state};
use countersign_domain::{Millis, reading::TaskRow};

/// The task's name: its title, or its kind where it has none.
pub fn name(row: &TaskRow) -> String {
    row.title.clone().filter(|title| !title.trim().is_empty()).unwrap_or_else(|| row.kind.clone())
}

/// The reason, where the state makes one ask for it.
pub fn reason(row: &TaskRow) -> Option<String> {
    let asks = matches!(task_state::face(row.state).tone, Tone::Warn | Tone::Bad);
    row.reason.clone().filter(|_| asks)
}

/// From arrival to end, or to `now` while it is open; `None` while open and the clock unknown.
pub fn took(row: &TaskRow, now: Option<Millis>) -> Option<String> {
    let end = row.ended_at.or(now)?;
    Some(duration::words(end.since(row.created_at)))
}

/// The first and last characters of an id: enough to tell two apart on one page.
pub fn short_id(id: &str) -> String {
    let tail = id.rsplit('-').next().unwrap_or(id);
    tail.chars().skip(tail.len().saturating_sub(8)).collect()
}
