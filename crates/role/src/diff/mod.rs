//! What changes from one role to the next, in meaning first: [`diff()`]; then in text: [`text_diff()`].

mod bans;
mod limits;
mod powers;
mod text;
mod words;

pub use text::{Line, LineTag, text_diff};

use crate::{file::RoleFile, place::Place};
use serde::Serialize;

/// What kind of change it is, the gravest first: in this order they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// An action is no longer forbidden.
    BanRemoved,
    /// An action is forbidden less than before: in a smaller scope, or under a condition.
    BanWeakened,
    /// It may do something that it could not.
    PowerGained,
    /// It can no longer do something.
    PowerLost,
    /// A limit leaves more room than before.
    LimitLooser,
    /// A limit leaves less room than before.
    LimitTighter,
    /// An action is forbidden that was not, or wholly where it was in part.
    BanAdded,
    /// What it is for and what runs for it: neither more nor less, but other.
    Other,
}

/// In which of the two files something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Old,
    New,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub turn: Turn,
    /// The field that it is about.
    pub path: String,
    pub side: Side,
    pub place: Place,
    /// What it means, in one sentence.
    pub sentence: String,
}

/// The changes found so far, and the files to look up places in.
struct Changes<'f> {
    old: &'f RoleFile,
    new: &'f RoleFile,
    list: Vec<Change>,
}

impl Changes<'_> {
    fn add(&mut self, turn: Turn, side: Side, path: impl Into<String>, sentence: impl Into<String>) {
        let path = path.into();
        let file = match side {
            Side::Old => self.old,
            Side::New => self.new,
        };
        let place = file.places.nearest(&path);
        self.list.push(Change { turn, path, side, place, sentence: sentence.into() });
    }
}

/// All that changes in meaning from `old` to `new`; nothing where only the spelling does. The gravest first.
pub fn diff(old: &RoleFile, new: &RoleFile) -> Vec<Change> {
    let mut changes = Changes { old, new, list: Vec::new() };
    bans::compare(&mut changes);
    powers::compare(&mut changes);
    limits::compare(&mut changes);
    words::compare(&mut changes);
    changes.list.sort_by_key(|change| change.turn);
    changes.list
}
