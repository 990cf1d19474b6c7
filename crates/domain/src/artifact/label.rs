//! Labels: names that an agent gives to artifacts, as paths: `docs/adr/0001.md`. What a label names may change; the
//! artifact behind it does not.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The most characters of a label.
pub const MAX_LABEL: usize = 200;

/// Why a label was refused, in a sentence for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    #[error("Give it a label, such as docs/adr/0001.md.")]
    Empty,
    #[error("Keep the label to {MAX_LABEL} characters.")]
    TooLong,
    #[error("A label begins with a name and not with a slash, as in docs/adr/0001.md.")]
    Rooted,
    #[error("Part {0} of the label is empty: one slash parts two names, and none ends the label.")]
    EmptyPart(usize),
    #[error("Part {0} of the label is made of dots alone, which lead elsewhere in a path.")]
    Dots(usize),
    #[error("Part {part} of the label has a character other than A to Z, a to z, 0 to 9, “.”, “_” and “-”: {found}.")]
    Character { part: usize, found: String },
}

/// A path of names: letters, digits, `.`, `_` and `-`, parted by single slashes. It leads nowhere but to itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

impl Label {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

impl FromStr for Label {
    type Err = LabelError;
    fn from_str(text: &str) -> Result<Self, LabelError> {
        if text.is_empty() {
            return Err(LabelError::Empty);
        }
        if text.chars().count() > MAX_LABEL {
            return Err(LabelError::TooLong);
        }
        if text.starts_with('/') {
            return Err(LabelError::Rooted);
        }
        for (part, name) in (1..).zip(text.split('/')) {
            if name.is_empty() {
                return Err(LabelError::EmptyPart(part));
            }
            if let Some(odd) = name.chars().find(|c| !is_plain(*c)) {
                // Written out, since it may be one that nobody sees.
                return Err(LabelError::Character { part, found: odd.escape_unicode().to_string() });
            }
            if name.chars().all(|c| c == '.') {
                return Err(LabelError::Dots(part));
            }
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Label {
    type Error = LabelError;
    fn try_from(text: String) -> Result<Self, LabelError> {
        text.parse()
    }
}

impl From<Label> for String {
    fn from(label: Label) -> String {
        label.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Labels that a role may read: `*` stands for one part, `**` at the end for one or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelPattern(String);

impl LabelPattern {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn matches(&self, label: &str) -> bool {
        let (mut wanted, mut parts) = (self.0.split('/').peekable(), label.split('/'));
        loop {
            match (wanted.next(), parts.next()) {
                (None, None) => return true,
                (Some("**"), Some(_)) if wanted.peek().is_none() => return true,
                (Some("*"), Some(_)) => {}
                (Some(part), Some(name)) if part == name => {}
                _ => return false,
            }
        }
    }
}

/// What an agent may read beside its own: labels that its role allows and no forbidden action closes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadGrant {
    pub allow: Vec<LabelPattern>,
    pub deny: Vec<LabelPattern>,
}

impl ReadGrant {
    pub fn matches(&self, label: &str) -> bool {
        let among = |list: &[LabelPattern]| list.iter().any(|pattern| pattern.matches(label));
        among(&self.allow) && !among(&self.deny)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_closed_is_closed_though_everything_is_allowed() {
        let patterns = |text| vec![LabelPattern::new(text)];
        let grant = ReadGrant { allow: patterns("**"), deny: patterns("secrets/**") };
        assert!(grant.matches("docs/a") && !grant.matches("secrets/key"));
        assert!(!ReadGrant::default().matches("docs/a"));
    }

    #[test]
    fn a_path_of_plain_names_is_a_label() {
        for good in ["a", "docs/adr/0001.md", "A-b_c.d/..e/f..", &"a".repeat(MAX_LABEL)] {
            assert_eq!(good.parse::<Label>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn a_label_that_would_lead_elsewhere_is_refused_with_its_place() {
        for (bad, why) in [
            ("", LabelError::Empty),
            ("/etc/passwd", LabelError::Rooted),
            ("//x", LabelError::Rooted),
            ("docs/../../etc", LabelError::Dots(2)),
            ("..", LabelError::Dots(1)),
            ("a/.", LabelError::Dots(2)),
            ("a/...", LabelError::Dots(2)),
            ("a//b", LabelError::EmptyPart(2)),
            ("a/", LabelError::EmptyPart(2)),
            (&"a".repeat(MAX_LABEL + 1), LabelError::TooLong),
        ] {
            assert_eq!(bad.parse::<Label>(), Err(why), "{bad}");
        }
    }

    #[test]
    fn a_character_that_deceives_is_written_out() {
        for (bad, found) in [
            ("a b", "\\u{20}"),
            ("a\\b", "\\u{5c}"),
            ("a%2e%2e", "\\u{25}"),
            ("a\u{0}", "\\u{0}"),
            ("a\nb", "\\u{a}"),
            ("a\u{202e}dm.b", "\\u{202e}"),
            ("a\u{200b}b", "\\u{200b}"),
            ("é", "\\u{e9}"),
            ("a?b", "\\u{3f}"),
            ("a#1", "\\u{23}"),
        ] {
            let found = found.to_owned();
            assert_eq!(bad.parse::<Label>(), Err(LabelError::Character { part: 1, found }), "{bad:?}");
        }
    }

    #[test]
    fn a_pattern_reads_what_is_below_it_and_nothing_beside_it() {
        let adr = LabelPattern::new("docs/adr/**");
        assert!(adr.matches("docs/adr/0001.md") && adr.matches("docs/adr/old/0001.md"));
        for beside in ["docs/adr", "docs/adrs/1", "docs", "x/docs/adr/1", ""] {
            assert!(!adr.matches(beside), "{beside}");
        }
        let one = LabelPattern::new("docs/*/0001.md");
        assert!(one.matches("docs/adr/0001.md"));
        assert!(!one.matches("docs/adr/old/0001.md") && !one.matches("docs/0001.md"));
        assert!(!LabelPattern::new("**/a").matches("b/a"), "only at the end");
    }
}
