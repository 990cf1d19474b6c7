//! The text of two files, line by line.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// Whether a line stays, goes or comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineTag {
    Same,
    Removed,
    Added,
}

/// One line, without its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    pub tag: LineTag,
    /// Its number in the old file, from 1; `None` for what comes.
    pub old: Option<u32>,
    /// Its number in the new file, from 1; `None` for what goes.
    pub new: Option<u32>,
    pub text: String,
}

/// All lines of both texts in the order in which a person reads a change. For texts within the limits of role
/// files: the time grows with the product of lines and changed lines.
pub fn text_diff(old: &str, new: &str) -> Vec<Line> {
    let number = |index: Option<usize>| index.and_then(|index| u32::try_from(index + 1).ok());
    TextDiff::from_lines(old, new)
        .iter_all_changes()
        .map(|change| Line {
            tag: match change.tag() {
                ChangeTag::Equal => LineTag::Same,
                ChangeTag::Delete => LineTag::Removed,
                ChangeTag::Insert => LineTag::Added,
            },
            old: number(change.old_index()),
            new: number(change.new_index()),
            text: change.value().trim_end_matches(['\n', '\r']).to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_know_their_numbers_in_both_files() {
        let lines = text_diff("a\nb\nc\n", "a\nx\nc\n");
        let short: Vec<_> = lines.iter().map(|line| (line.tag, line.old, line.new, line.text.as_str())).collect();
        assert_eq!(
            short,
            [
                (LineTag::Same, Some(1), Some(1), "a"),
                (LineTag::Removed, Some(2), None, "b"),
                (LineTag::Added, None, Some(2), "x"),
                (LineTag::Same, Some(3), Some(3), "c"),
            ]
        );
    }

    proptest! {
        #[test]
        fn both_texts_can_be_had_back(old in "([ab]\n){0,8}", new in "([ab]\n){0,8}") {
            let lines = text_diff(&old, &new);
            let side = |without: LineTag| -> String {
                lines.iter().filter(|line| line.tag != without).flat_map(|line| [line.text.as_str(), "\n"]).collect()
            };
            prop_assert_eq!(side(LineTag::Added), old);
            prop_assert_eq!(side(LineTag::Removed), new);
        }
    }
}
