//! Subjects that only role files speak of, beside those of [`countersign_wire::subject`]: what a role denies.

/// `tasks.*.<kind>`: tasks of a kind, for any agent.
pub(crate) fn tasks_of_kind(kind: &str) -> String {
    format!("tasks.*.{kind}")
}
