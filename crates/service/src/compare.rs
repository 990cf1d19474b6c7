//! Two payloads, line by line.

use crate::payload_text;
use countersign_domain::reading::{DiffLine, LineChange};
use similar::{ChangeTag, TextDiff};

/// Lines of a comparison that a page shows at most.
const MOST_LINES: usize = 400;

/// From `first` to `second`, each as indented JSON; unchanged lines far from a change are left out.
pub(crate) fn compare(first: &str, second: &str) -> Vec<DiffLine> {
    let (first, second) = (payload_text(first.as_bytes()).text, payload_text(second.as_bytes()).text);
    let diff = TextDiff::from_lines(&first, &second);
    let groups = diff.grouped_ops(3);
    let changes = groups.iter().flatten().flat_map(|op| diff.iter_changes(op));
    changes
        .take(MOST_LINES)
        .map(|change| DiffLine {
            change: match change.tag() {
                ChangeTag::Equal => LineChange::Same,
                ChangeTag::Delete => LineChange::Removed,
                ChangeTag::Insert => LineChange::Added,
            },
            text: change.value().trim_end_matches('\n').to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_line_by_line() {
        let lines = compare(r#"{"a":1,"b":2}"#, r#"{"a":1,"b":3}"#);
        let changed: Vec<_> = lines.iter().filter(|line| line.change != LineChange::Same).collect();
        assert_eq!(changed.len(), 2);
        assert_eq!((changed[0].change, changed[0].text.trim()), (LineChange::Removed, "\"b\": 2"));
        assert_eq!((changed[1].change, changed[1].text.trim()), (LineChange::Added, "\"b\": 3"));
    }
}
