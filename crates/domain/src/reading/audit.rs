//! Who did what.

use crate::{
    Millis, PersonId, Via,
    audit::{Checked, Part},
};

/// Which acts. Empty fields do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActQuery {
    pub who: Option<Who>,
    /// The first word of the kinds, as [`topic`](crate::audit::topic) tells it.
    pub topic: Option<String>,
    pub from: Option<Millis>,
    /// Before this moment.
    pub to: Option<Millis>,
    /// Stands in what is shown of the act, whatever the case of its letters.
    pub text: Option<String>,
}

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Person(PersonId),
    /// Nobody: the server found out by itself.
    Server,
}

/// Between two acts: when, and the number in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActPlace {
    pub at: i64,
    pub seq: i64,
}

impl ActPlace {
    /// As an address writes it.
    pub fn to_text(self) -> String {
        format!("{}.{}", self.at, self.seq)
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (at, seq) = text.split_once('.')?;
        Some(Self { at: at.parse().ok()?, seq: seq.parse().ok()? })
    }
}

/// Where a page of acts begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Turn {
    #[default]
    Newest,
    Older(ActPlace),
    Newer(ActPlace),
}

/// A person as an act names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub email: String,
}

/// One act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActRow {
    /// Its number in the journal.
    pub seq: i64,
    pub at: Millis,
    pub kind: String,
    /// None where the server found out by itself.
    pub by: Option<Named>,
    /// The person whom it was done to, where that is somebody else.
    pub whom: Option<Named>,
    pub what: Vec<Part>,
    pub reason: Option<String>,
    /// None in entries from before it was kept.
    pub via: Option<Via>,
    /// Of the entry and all before it, in hexadecimal digits.
    pub hash: String,
}

impl ActRow {
    pub fn place(&self) -> ActPlace {
        ActPlace { at: self.at.0, seq: self.seq }
    }

    /// Who, in one word or two.
    pub fn actor(&self) -> &str {
        self.by.as_ref().map_or("Countersign", |by| &by.name)
    }

    /// What, as text alone.
    pub fn sentence(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) | Part::Agent(text) => text.clone(),
            Part::Task(id) => format!("task {id}"),
            Part::Letter(id) => format!("dead letter {id}"),
            Part::Person(_) => {
                self.whom.as_ref().map_or_else(|| "somebody who is gone".to_owned(), |whom| whom.name.clone())
            }
        };
        self.what.iter().map(part).collect()
    }

    /// Whether `text`, in small letters, stands in what is shown.
    pub fn says(&self, text: &str) -> bool {
        let by = self.by.as_ref().map(|by| by.email.as_str()).unwrap_or_default();
        let (how, from) = self.via.as_ref().map_or(("", ""), |via| (via.how.words(), via.from.as_str()));
        let reason = self.reason.as_deref().unwrap_or_default();
        let shown = [self.actor(), by, &self.sentence(), reason, how, from, &self.kind, &self.hash];
        shown.iter().any(|shown| shown.to_lowercase().contains(text))
    }
}

/// One page of acts, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActPage {
    pub rows: Vec<ActRow>,
    pub older: Option<ActPlace>,
    pub newer: Option<ActPlace>,
    /// Acts that were looked at for the text, where there was no time for all of them: `older` goes on.
    pub looked_at: Option<u64>,
    /// Everybody who ever acted, by name.
    pub people: Vec<(PersonId, Named)>,
    /// Topics of all acts that there are.
    pub topics: Vec<String>,
    /// The last check of the chain: by whom, when, and what it came to.
    pub check: Option<(String, Millis, Checked)>,
    /// Whether the reader may check and export.
    pub may_export: bool,
}

impl ActPage {
    /// Acts on a page.
    pub const SIZE: usize = 50;
    /// Acts that are looked at for one page.
    pub const LOOKED_AT: usize = 20_000;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_nonsense_is_none() {
        let place = ActPlace { at: 1_795_390_193_999, seq: 41 };
        assert_eq!(ActPlace::parse(&place.to_text()), Some(place));
        for nonsense in ["", ".", "1", "a.b", "1.2.3", "99999999999999999999.1"] {
            assert_eq!(ActPlace::parse(nonsense), None, "{nonsense}");
        }
    }
}
