//! What is wrong with a role file, said to the person who wrote it.

use crate::place::Place;
use serde::Serialize;
use std::fmt;

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// More bytes, lines, values or items than a role file may have.
    TooLarge,
    /// The bytes are no UTF-8.
    NotText,
    /// A character that changes what one sees without being seen, or a control character.
    Hidden,
    /// A tab: YAML forbids it as indentation, and elsewhere it looks like spaces.
    Tab,
    /// The text is no YAML.
    Syntax,
    /// Lists and mappings inside one another deeper than a role file needs.
    Nesting,
    /// An anchor, alias or merge key: what is approved must stand where it counts.
    Shared,
    /// More than one document in the file.
    Documents,
    /// A field that is there twice.
    Duplicate,
    /// A field that a role file does not have.
    Unknown,
    /// A field that must be there and is not.
    Missing,
    /// A list where a text belongs, and the like.
    Type,
    /// A text or number of the right kind in a form that is not understood.
    Form,
    /// A number, size or time beyond its limits.
    Range,
    /// A mandatory forbidden action is missing, or holds only under a condition.
    Mandatory,
    /// Two parts of the file that cannot both be meant.
    Conflict,
}

/// One fault, with its place and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{place}{}{path}: {why} {fix}", if path.is_empty() { "" } else { ", " })]
pub struct Fault {
    pub kind: FaultKind,
    pub place: Place,
    /// The field, as in `spec.consumes.ack_wait`; empty where the file as a whole is meant.
    pub path: String,
    /// One sentence: what is wrong.
    pub why: String,
    /// One sentence: how to mend it.
    pub fix: String,
}

/// No more faults than this are kept: whoever mends the first hundred asks again.
pub const MOST_FAULTS: usize = 100;

/// All faults of a file, in the order of their places. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Faults {
    pub list: Vec<Fault>,
    /// How many more there were than [`MOST_FAULTS`].
    pub more: usize,
}

impl Faults {
    /// `None` for an empty list.
    pub(crate) fn of(mut list: Vec<Fault>) -> Option<Self> {
        list.sort_by(|a, b| (a.place, &a.path, a.kind).cmp(&(b.place, &b.path, b.kind)));
        let more = list.len().saturating_sub(MOST_FAULTS);
        list.truncate(MOST_FAULTS);
        (!list.is_empty()).then_some(Self { list, more })
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.list.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(line: u32) -> Fault {
        Fault {
            kind: FaultKind::Form,
            place: Place { line, column: 2 },
            path: "spec.mission".into(),
            why: "Why.".into(),
            fix: "Fix.".into(),
        }
    }

    #[test]
    fn faults_stand_in_the_order_of_the_file_and_say_how_many_were_left_out() {
        let faults = Faults::of((0..103).rev().map(fault).collect()).unwrap();
        assert_eq!((faults.list.len(), faults.more, faults.list[0].place.line), (MOST_FAULTS, 3, 0));
        let text = faults.to_string();
        assert!(text.starts_with("line 0, column 2, spec.mission: Why. Fix.\nline 1"), "{text}");
        assert!(text.ends_with("and 3 more"));
        assert_eq!(Faults::of(vec![]), None);
    }
}
