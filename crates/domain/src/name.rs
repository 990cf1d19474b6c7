//! Names that become tokens of a bus subject.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Names that no agent may take: they are the product's own subjects or people's words.
pub const RESERVED: [&str; 4] = ["countersign", "founder", "system", "dlq"];

/// The most characters a name may have.
pub const MAX_LEN: usize = 32;

/// Why a name was refused, in a sentence for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("Give it a name.")]
    Empty,
    #[error("Keep the name to {MAX_LEN} characters.")]
    TooLong,
    #[error("Start with a letter a to z, then use a to z, 0 to 9, _ and - only.")]
    Form,
    #[error("“{0}” is reserved. Choose another name.")]
    Reserved(String),
}

fn check(text: &str) -> Result<(), NameError> {
    let mut bytes = text.bytes();
    match bytes.next() {
        None => return Err(NameError::Empty),
        Some(first) if !first.is_ascii_lowercase() => return Err(NameError::Form),
        Some(_) => {}
    }
    if text.len() > MAX_LEN {
        return Err(NameError::TooLong);
    }
    if !bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-') {
        return Err(NameError::Form);
    }
    Ok(())
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $extra:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                check(text)?;
                let extra: fn(&str) -> Result<(), NameError> = $extra;
                extra(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_type!(
    /// The name of an agent: `[a-z][a-z0-9_-]{0,31}` and not [`RESERVED`].
    AgentName,
    |text| if RESERVED.contains(&text) {
        Err(NameError::Reserved(text.to_owned()))
    } else {
        Ok(())
    }
);
/// What stands for the people of an organization where an agent's name would: no agent may take it.
pub const FOUNDER: &str = "founder";

name_type!(
    /// Who asks by a brief: an agent, or the organization's people by the word [`FOUNDER`].
    BriefAuthor,
    |text| if RESERVED.contains(&text) && text != FOUNDER {
        Err(NameError::Reserved(text.to_owned()))
    } else {
        Ok(())
    }
);

impl BriefAuthor {
    /// The organization's people.
    pub fn founder() -> Self {
        Self(FOUNDER.to_owned())
    }

    pub fn is_founder(&self) -> bool {
        self.0 == FOUNDER
    }

    /// The agent that asks, where one does.
    pub fn agent(&self) -> Option<AgentName> {
        self.0.parse().ok()
    }
}

impl From<AgentName> for BriefAuthor {
    fn from(agent: AgentName) -> Self {
        Self(agent.0)
    }
}

name_type!(
    /// The kind of a task: `[a-z][a-z0-9_-]{0,31}`.
    TaskKind,
    |_| Ok(())
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_lower_case_name_is_taken() {
        assert_eq!("cso".parse::<AgentName>().unwrap().as_str(), "cso");
        assert!("backend-2_a".parse::<AgentName>().is_ok());
    }

    #[test]
    fn a_brief_is_asked_by_an_agent_or_by_people_and_by_nothing_else() {
        assert_eq!("ceo".parse::<BriefAuthor>().unwrap().agent(), Some("ceo".parse().unwrap()));
        let people: BriefAuthor = "founder".parse().unwrap();
        assert!(people.is_founder() && people.agent().is_none() && people == BriefAuthor::founder());
        for bad in ["countersign", "system", "dlq", "", "A"] {
            assert!(bad.parse::<BriefAuthor>().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_that_would_break_a_subject_are_refused() {
        for bad in ["Cso", "1st", "a.b", "a*", ">", "a b", "é", "_x", "-x"] {
            assert_eq!(bad.parse::<AgentName>(), Err(NameError::Form), "{bad}");
        }
        assert_eq!("".parse::<AgentName>(), Err(NameError::Empty));
        assert_eq!("a".repeat(33).parse::<AgentName>(), Err(NameError::TooLong));
    }

    #[test]
    fn reserved_names_are_refused_for_agents_and_allowed_for_kinds() {
        for name in RESERVED {
            assert_eq!(name.parse::<AgentName>(), Err(NameError::Reserved(name.to_owned())));
            assert!(name.parse::<TaskKind>().is_ok());
        }
    }
}
