//! Patterns with wildcards: subjects of the bus (`tasks.cso.>`), topics (`task.*`), paths (`docs/adr/**`).
//! One rule for all three: parts between separators; one wildcard stands for one part, the other, at the end
//! alone, for one or more.

use serde::Serialize;
use std::fmt;

/// How the parts and wildcards of a family of patterns are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spelling {
    separator: char,
    one: &'static str,
    rest: &'static str,
}

/// As NATS spells subjects.
const SUBJECT: Spelling = Spelling { separator: '.', one: "*", rest: ">" };
const PATH: Spelling = Spelling { separator: '/', one: "*", rest: "**" };

impl Spelling {
    /// Whether `pattern` stands for all that `other` stands for. A text without wildcards stands for itself.
    fn covers(self, pattern: &str, other: &str) -> bool {
        let (mut wide, mut narrow) = (pattern.split(self.separator), other.split(self.separator));
        loop {
            match (wide.next(), narrow.next()) {
                (None, None) => return true,
                (Some(part), Some(_)) if part == self.rest => return true,
                (Some(part), Some(other)) if part == self.one => {
                    if other == self.rest {
                        return false;
                    }
                }
                (Some(part), Some(other)) if part == other => {}
                _ => return false,
            }
        }
    }

    fn has_wildcard(self, pattern: &str) -> bool {
        pattern.split(self.separator).any(|part| part == self.one || part == self.rest)
    }
}

/// Whether the subject pattern `pattern` stands for all that `other` stands for, by the rules of NATS.
pub fn subject_covers(pattern: &str, other: &str) -> bool {
    SUBJECT.covers(pattern, other)
}

/// A topic under `events.<agent>.`, or a pattern of topics: `code.changed`, `task.*`, `>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Topic(String);

/// A path of documents in the Workspace, or a pattern of paths: `docs/adr/**`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PathPattern(String);

fn is_word(part: &str, more: &[u8]) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
}

/// Whether `text` is parts and wildcards in the right places.
fn is_pattern(text: &str, spelling: Spelling, is_part: impl Fn(&str) -> bool) -> bool {
    let parts: Vec<&str> = text.split(spelling.separator).collect();
    let last = parts.len() - 1;
    parts
        .iter()
        .enumerate()
        .all(|(at, part)| *part == spelling.one || (*part == spelling.rest && at == last) || is_part(part))
}

impl Topic {
    /// `None` for what is no topic: parts of a-z, A-Z, 0-9, `_` and `-` between dots.
    pub fn parse(text: &str) -> Option<Self> {
        is_pattern(text, SUBJECT, |part| is_word(part, b"_-")).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn covers(&self, other: &Self) -> bool {
        SUBJECT.covers(&self.0, &other.0)
    }

    /// Whether it stands for topics of every name: its first part is a wildcard.
    pub fn is_open(&self) -> bool {
        self.0.starts_with(['*', '>'])
    }

    pub fn has_wildcard(&self) -> bool {
        SUBJECT.has_wildcard(&self.0)
    }
}

impl PathPattern {
    /// `None` for what is no path: parts of letters, digits, `.`, `_` and `-` between slashes, none of them `.`
    /// or `..`, no slash at the beginning or end.
    pub fn parse(text: &str) -> Option<Self> {
        let part = |part: &str| is_word(part, b"._-") && part != "." && part != "..";
        is_pattern(text, PATH, part).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the document at `path` is among these.
    pub fn matches(&self, path: &str) -> bool {
        // Documents have no wildcards in their names; who asks for one asks for no document.
        !PATH.has_wildcard(path) && PATH.covers(&self.0, path)
    }

    pub fn covers(&self, other: &Self) -> bool {
        PATH.covers(&self.0, &other.0)
    }

    /// Whether it stands for documents of every folder: its first part is a wildcard.
    pub fn is_open(&self) -> bool {
        self.0.starts_with('*')
    }

    /// The parts between the slashes.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_subject_is_matched_as_nats_matches_it() {
        for (pattern, subject) in [
            ("tasks.cso.>", "tasks.cso.scan"),
            ("tasks.*.scan", "tasks.cso.scan"),
            (">", "a"),
            ("$JS.ACK.*.*.T.c.>", "$JS.ACK.hub.hash.T.c.1.2.3.4.5.6"),
            ("tasks.>", "tasks.cso.>"),
            ("tasks.>", "tasks.*"),
        ] {
            assert!(subject_covers(pattern, subject), "{pattern} {subject}");
        }
        for (pattern, subject) in [
            ("tasks.cso.>", "tasks.cso"),
            ("tasks.*", "tasks.cso.scan"),
            ("tasks.cso.*", "tasks.cso.>"),
            ("tasks.cso.scan", "tasks.cso.*"),
            ("tasks.cs", "tasks.cso"),
        ] {
            assert!(!subject_covers(pattern, subject), "{pattern} {subject}");
        }
    }

    #[test]
    fn what_is_no_topic_or_path_is_refused() {
        for text in ["", ".", "a..b", "a.>.b", "a b", "a.b.", "é", "$x", "a*"] {
            assert_eq!(Topic::parse(text), None, "{text}");
        }
        for text in ["", "/docs", "docs/", "../docs", "docs/./a", "docs/**/a", "docs/*.md", "docs\\a", "a//b"] {
            assert_eq!(PathPattern::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_path_pattern_reads_what_is_below_it_and_nothing_beside_it() {
        let adr = PathPattern::parse("docs/adr/**").unwrap();
        assert!(adr.matches("docs/adr/0001.md") && adr.matches("docs/adr/old/0001.md"));
        assert!(!adr.matches("docs/adr") && !adr.matches("docs/adrs/x") && !adr.matches("docs/adr/**"));
    }

    fn pattern() -> impl Strategy<Value = String> {
        let part = prop_oneof![Just("a"), Just("b"), Just("*")];
        (prop::collection::vec(part, 1..4), any::<bool>()).prop_map(|(mut parts, rest)| {
            if rest {
                parts.push(">");
            }
            parts.join(".")
        })
    }

    fn subject() -> impl Strategy<Value = String> {
        prop::collection::vec(prop_oneof![Just("a"), Just("b")], 1..6).prop_map(|parts| parts.join("."))
    }

    proptest! {
        #[test]
        fn a_pattern_that_covers_another_matches_all_that_the_other_matches(
            wide in pattern(), narrow in pattern(), subject in subject()
        ) {
            if subject_covers(&wide, &narrow) && subject_covers(&narrow, &subject) {
                prop_assert!(subject_covers(&wide, &subject));
            }
        }

        #[test]
        fn covering_is_reflexive(pattern in pattern()) {
            prop_assert!(subject_covers(&pattern, &pattern));
        }
    }
}
