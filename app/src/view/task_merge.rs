//! News for a task list that is being read: what is on the page must not move.

use countersign_domain::reading::TaskPage;

/// Writes what `fresh` knows of the rows of `shown` into them, in place, and its count. Says how many
/// tasks are new: not on the page and newer than it, or, by the count, somewhere before it.
pub fn merge(shown: &mut TaskPage, fresh: &TaskPage) -> u64 {
    for row in &mut shown.rows {
        if let Some(news) = fresh.rows.iter().find(|news| news.id == row.id) {
            row.clone_from(news);
        }
    }
    let counted = fresh.count.saturating_sub(shown.count);
    let newest = shown.rows.first().map(|row| row.created_at);
    let seen = fresh
        .rows
        .iter()
        .filter(|news| newest.is_none_or(|newest| news.created_at >= newest))
        .filter(|news| shown.rows.iter().all(|row| row.id != news.id))
        .count();
    counted.max(seen.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::{Millis, reading::TaskRow, task::TaskState};

    fn row(id: &str, at: i64, state: TaskState) -> TaskRow {
        TaskRow {
            id: id.to_owned(),
            agent: "cso".to_owned(),
            kind: "scan".to_owned(),
            state,
            title: None,
            correlation_id: None,
            created_at: Millis(at),
            updated_at: Millis(at),
            ended_at: None,
            attempts: 0,
            reason: None,
            usd: None,
        }
    }

    fn page(rows: Vec<TaskRow>, count: u64) -> TaskPage {
        TaskPage { rows, newer: None, older: None, count, any: true, agents: vec![], kinds: vec![] }
    }

    #[test]
    fn a_known_row_changes_in_place_and_new_rows_are_only_counted() {
        let mut shown = page(vec![row("b", 2, TaskState::Queued), row("a", 1, TaskState::Running)], 2);
        let fresh = page(
            vec![row("c", 3, TaskState::Queued), row("b", 2, TaskState::Running), row("a", 1, TaskState::Succeeded)],
            3,
        );
        assert_eq!(merge(&mut shown, &fresh), 1);
        let states: Vec<_> = shown.rows.iter().map(|row| (row.id.as_str(), row.state)).collect();
        assert_eq!(states, [("b", TaskState::Running), ("a", TaskState::Succeeded)]);
    }

    #[test]
    fn on_an_older_page_news_are_known_by_the_count_alone() {
        let mut shown = page(vec![row("a", 1, TaskState::Queued)], 100);
        let fresh = page(vec![row("a", 1, TaskState::Queued)], 107);
        assert_eq!(merge(&mut shown, &fresh), 7);
    }
}
