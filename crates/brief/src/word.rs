//! The short names in a brief: what it calls itself, its category, and its options.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text is no such name, as a sentence for whoever wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAWord(pub &'static str);

macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $form:literal, $is_good:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAWord;
            fn from_str(text: &str) -> Result<Self, NotAWord> {
                let is_good: fn(&str) -> bool = $is_good;
                if is_good(text) { Ok(Self(text.to_owned())) } else { Err(NotAWord($form)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAWord;
            fn try_from(text: String) -> Result<Self, NotAWord> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// A letter or digit of ASCII, then these and what `also` allows, no more than `most`.
fn is_plain(text: &str, most: usize, also: &[u8]) -> bool {
    let mut bytes = text.bytes();
    text.len() <= most
        && bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && bytes.all(|b| b.is_ascii_alphanumeric() || also.contains(&b))
}

word!(
    /// What its author calls a brief. A newer version has the same name; two authors may use the same one.
    BriefName,
    "Use 1 to 64 letters a to z, digits, `.`, `_` and `-`, and begin with a letter or digit.",
    |text| is_plain(text, crate::limit::NAME_CHARS, b"._-")
);
word!(
    /// What a brief is about; policies are made by it.
    Category,
    "Use 1 to 32 small letters a to z, digits and `_`, and begin with a letter.",
    |text| {
        is_plain(text, crate::limit::CATEGORY_CHARS, b"_")
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.bytes().any(|b| b.is_ascii_uppercase())
    }
);
word!(
    /// By which an option is named. `none` and `own` mean something else: that nothing happens, and an answer that no
    /// option has.
    OptionKey,
    "Use 1 to 16 letters a to z, digits, `_` and `-`, and neither `none` nor `own`.",
    |text| {
        is_plain(text, crate::limit::KEY_CHARS, b"_-")
            && !NOT_KEYS.iter().any(|word| text.eq_ignore_ascii_case(word))
    }
);

const NOT_KEYS: [&str; 2] = [NONE, "own"];

/// What `at_deadline` says where nothing happens.
pub const NONE: &str = "none";

/// Categories that only a founder settles, in every organization and whatever a policy says.
pub const RESERVED: [&str; 4] = ["resource_allocation", "strategy", "budget", "priorities"];

impl Category {
    /// Whether every organization leaves it to its founders.
    pub fn is_reserved(&self) -> bool {
        RESERVED.contains(&self.as_str())
    }

    /// Whether an agent may be granted it where founders do not settle it alone: what is about security never is.
    pub fn may_be_granted(&self) -> bool {
        !self.is_reserved() && !self.as_str().starts_with("security")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_taken_and_others_are_not() {
        for good in ["a", "Q3-plan.v2", "0190163d-8694-739b-aea5-966c26f8ad90"] {
            assert!(good.parse::<BriefName>().is_ok(), "{good}");
        }
        for bad in ["", "-a", ".", "a b", "a/b", "é", "a\u{202e}", &"a".repeat(65)] {
            assert!(bad.parse::<BriefName>().is_err(), "{bad}");
        }
        for bad in ["Deploy", "1st", "a-b", "", "_a", &"a".repeat(33)] {
            assert!(bad.parse::<Category>().is_err(), "{bad}");
        }
        for bad in ["none", "NONE", "own", "", "a.b", &"a".repeat(17)] {
            assert!(bad.parse::<OptionKey>().is_err(), "{bad}");
        }
        assert!("B".parse::<OptionKey>().is_ok() && "roll-back_2".parse::<OptionKey>().is_ok());
    }

    #[test]
    fn what_is_the_founders_alone_is_so_everywhere() {
        for name in RESERVED {
            assert!(name.parse::<Category>().unwrap().is_reserved(), "{name}");
        }
        assert!(!"deploy".parse::<Category>().unwrap().is_reserved());
    }
}
