//! Where something stands in a role file.

use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// A point in a text. Lines and columns count from 1; a column counts characters, not bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

impl Place {
    /// The beginning of the file: for what is said of the file as a whole.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place of the byte at `offset` in `text`.
    pub(crate) fn of_offset(text: &str, offset: usize) -> Self {
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self { line: count(before.matches('\n').count()), column: count(before[line_start..].chars().count()) }
    }
}

/// From a count from 0 to one from 1. A file that is read has far fewer lines than fit.
fn count(from_zero: usize) -> u32 {
    u32::try_from(from_zero).unwrap_or(u32::MAX).saturating_add(1)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The places of all fields of a file, by path (`spec.forbidden_actions[2].unless`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places(BTreeMap<String, Place>);

impl Places {
    pub(crate) fn note(&mut self, path: String, place: Place) {
        self.0.insert(path, place);
    }

    /// The place of the field at `path`; where it is absent, that of the nearest field around it, and in
    /// the end the beginning of the file.
    pub fn nearest(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(place) = self.0.get(path) {
                return *place;
            }
            match path.rfind(['.', '[']) {
                Some(cut) => path = &path[..cut],
                None => return Place::START,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_counts_characters() {
        assert_eq!(Place::of_offset("äb\nü!x", 7), Place { line: 2, column: 3 });
        assert_eq!(Place::of_offset("", 0), Place::START);
    }

    #[test]
    fn an_absent_field_stands_where_its_neighbourhood_does() {
        let mut places = Places::default();
        let spec = Place { line: 4, column: 1 };
        places.note("spec".into(), spec);
        assert_eq!(places.nearest("spec.forbidden_actions[2].unless"), spec);
        assert_eq!(places.nearest("metadata.name"), Place::START);
    }
}
