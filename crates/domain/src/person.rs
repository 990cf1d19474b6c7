//! People, and in whose name something happens.

use crate::{Millis, PersonId, TenantId, api_token::Scope};
use serde::{Deserialize, Serialize};

/// What a person may do in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Founder,
    Reviewer,
    Observer,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Founder => "founder",
            Self::Reviewer => "reviewer",
            Self::Observer => "observer",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "founder" => Ok(Self::Founder),
            "reviewer" => Ok(Self::Reviewer),
            "observer" => Ok(Self::Observer),
            _ => Err(()),
        }
    }
}

/// A signed-in person, in one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub person: PersonId,
    pub tenant: TenantId,
    pub tenant_slug: String,
    pub tenant_name: String,
    pub role: Role,
    pub name: String,
    pub email: String,
    /// When they last proved who they are: what must not be done by whoever finds an open browser asks for more.
    pub proven_at: Millis,
    /// Whether they belong to another tenant, too.
    pub elsewhere: bool,
    pub via: Via,
    /// What a token of theirs lets them do; `None` where they came themselves.
    pub scopes: Option<Vec<Scope>>,
}

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    Password,
    /// A password, and a code of the person's authenticator app.
    PasswordAndCode,
    /// A password, and one of the codes that the person has written down.
    RecoveryCode,
    Passkey,
    /// The organization's own identity provider.
    Sso,
    /// A token of the API.
    Token,
    /// A link that was sent to the person's address, or printed for them.
    Link,
    /// Access to the server itself.
    Operator,
}

impl How {
    pub const ALL: [Self; 8] = [
        Self::Password,
        Self::PasswordAndCode,
        Self::RecoveryCode,
        Self::Passkey,
        Self::Sso,
        Self::Token,
        Self::Link,
        Self::Operator,
    ];

    /// As it is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::PasswordAndCode => "password_and_code",
            Self::RecoveryCode => "recovery_code",
            Self::Passkey => "passkey",
            Self::Sso => "sso",
            Self::Token => "token",
            Self::Link => "link",
            Self::Operator => "operator",
        }
    }

    /// For people: “by …”.
    pub fn words(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::PasswordAndCode => "password and code",
            Self::RecoveryCode => "password and recovery code",
            Self::Passkey => "passkey",
            Self::Sso => "single sign-on",
            Self::Token => "API token",
            Self::Link => "link",
            Self::Operator => "operator's command",
        }
    }
}

impl std::str::FromStr for How {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|how| how.as_str() == text).ok_or(())
    }
}

/// By which way, and from where, somebody acts: kept with each of their acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Via {
    pub how: How,
    /// The network address; empty where there is none.
    pub from: String,
    /// The name that a person has given to the API token with which they act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl Via {
    pub fn new(how: How, from: impl Into<String>) -> Self {
        Self { how, from: from.into(), token: None }
    }

    /// In words for people: `API token “deploys”`.
    pub fn words(&self) -> String {
        match &self.token {
            Some(name) => format!("{} “{name}”", self.how.words()),
            None => self.how.words().to_owned(),
        }
    }
}

/// Whose act, when, and by which way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub by: PersonId,
    pub at: Millis,
    pub via: Via,
}
