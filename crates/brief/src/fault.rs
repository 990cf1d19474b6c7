//! What is wrong with a brief, said to the agent that wrote it.

use serde::Serialize;
use std::fmt;

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $word:literal),* $(,)?) => {
        /// The rule that a brief breaks. Its word is part of the contract: agents may act on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$doc])* $name),*
        }

        impl Rule {
            /// In the order in which `docs/briefs.md` lists them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word),*
                }
            }
        }
    };
}

rules!(
    /// More bytes, values, items or characters than a brief may have.
    TooLarge = "too_large",
    /// The payload is no JSON object.
    NotJson = "not_json",
    /// Lists and objects inside one another deeper than a brief needs.
    Nesting = "nesting",
    /// A field that is there twice.
    Duplicate = "duplicate_field",
    /// A field that a brief does not have.
    Unknown = "unknown_field",
    /// A field that must be there and is not.
    Missing = "missing_field",
    /// A list where a text belongs, and the like.
    Type = "wrong_type",
    /// A text or number of the right kind in a form that is not understood.
    Form = "form",
    /// A number beyond its limits.
    Range = "range",
    /// A text that says nothing.
    Empty = "empty",
    /// A character that changes what one sees without being seen, or a control character.
    Hidden = "hidden_character",
    /// HTML, in a text that is to be read as text.
    Html = "html",
    /// A picture, which would be fetched from somewhere.
    Picture = "picture",
    /// The question is no question, or more than one sentence.
    OneQuestion = "one_question",
    /// Fewer than two options, or more than four.
    OptionCount = "option_count",
    /// Two options that cannot be told apart.
    OptionTwice = "option_twice",
    /// The recommendation, or what happens at the deadline, names no option of the brief.
    NoSuchOption = "no_such_option",
    /// No artifact shows what the brief says.
    EvidenceLacking = "evidence_lacking",
    /// An artifact is named twice.
    EvidenceTwice = "evidence_twice",
    /// An artifact that does not exist, that the author may not read, or whose bytes are no longer what its name says.
    EvidenceUnsound = "evidence_unsound",
    /// The deadline has passed.
    DeadlinePassed = "deadline_passed",
    /// The deadline is so far away that it is none.
    DeadlineFar = "deadline_far",
    /// At the deadline something would happen that cannot be undone.
    SilenceIrreversible = "silence_irreversible",
    /// At the deadline something would happen in a category that is the founder's alone.
    SilenceReserved = "silence_reserved",
    /// The brief brings its own decision along, or leaves nobody the time to object to it.
    DecidesItself = "decides_itself",
    /// An option's allocation is none: its weights are not the whole, or it is in a brief about something else.
    Allocation = "allocation",
    /// It names an agent that the organization does not have.
    NoSuchAgent = "no_such_agent",
    /// It rests on a fact that nobody told, or that was taken back.
    NoSuchFact = "no_such_fact",
    /// What its author calls so was decided before.
    AlreadyDecided = "already_decided",
    /// Its author asks so much already that a founder would see nothing else.
    TooManyOpen = "too_many_open",
    /// It was asked anew so often within the hour that a founder could not have read it.
    TooManyVersions = "too_many_versions",
);

impl Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One fault, with its place and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{}: {why} {fix}", if pointer.is_empty() { "the brief" } else { pointer })]
pub struct Fault {
    pub rule: Rule,
    /// Where in the payload: a JSON pointer (RFC 6901) such as `/options/0/title`; empty for the whole.
    pub pointer: String,
    /// One sentence: what is wrong.
    pub why: String,
    /// One sentence: how to mend it.
    pub fix: String,
}

/// No more faults than this are kept: whoever mends them sends the brief again.
pub const MOST_FAULTS: usize = 50;

/// All faults of a brief, by their places. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Faults {
    pub list: Vec<Fault>,
    /// How many more there were than [`MOST_FAULTS`].
    pub more: usize,
}

impl Faults {
    /// `None` for an empty list.
    pub(crate) fn of(mut list: Vec<Fault>) -> Option<Self> {
        list.sort_by(|a, b| (&a.pointer, a.rule).cmp(&(&b.pointer, b.rule)));
        list.dedup();
        let more = list.len().saturating_sub(MOST_FAULTS);
        list.truncate(MOST_FAULTS);
        (!list.is_empty()).then_some(Self { list, more })
    }

    /// A fault that shows only where the brief is to be kept.
    pub fn one(rule: Rule, pointer: &str, why: &str, fix: &str) -> Self {
        let fault = Fault { rule, pointer: pointer.to_owned(), why: why.to_owned(), fix: fix.to_owned() };
        Self { list: vec![fault], more: 0 }
    }

    pub fn count(&self) -> usize {
        self.list.len() + self.more
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

/// `pointer` with one step more (RFC 6901, section 3). What is hidden in a name is made visible.
pub(crate) fn step(pointer: &str, name: &str) -> String {
    let name = countersign_domain::hidden::shown(name).replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_stand_by_their_places_and_say_how_many_were_left_out() {
        let fault = |n: usize| Fault {
            rule: Rule::Form,
            pointer: format!("/options/{n:02}"),
            why: "Why.".into(),
            fix: "Fix.".into(),
        };
        let faults = Faults::of((0..53).rev().map(fault).collect()).unwrap();
        assert_eq!((faults.list.len(), faults.more, faults.count()), (MOST_FAULTS, 3, 53));
        assert!(faults.to_string().starts_with("/options/00: Why. Fix.\n/options/01"));
        assert_eq!(Faults::of(vec![]), None);
    }

    #[test]
    fn a_pointer_escapes_what_would_be_another_place() {
        assert_eq!(step("/a", "b/c~d\u{202e}"), "/a/b~1c~0dU+202E");
    }

    #[test]
    fn every_rule_has_a_word_of_its_own() {
        let mut words: Vec<&str> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Rule::ALL.len());
    }
}
