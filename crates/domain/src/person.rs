//! People, and in whose name something happens.

use crate::{PersonId, TenantId};
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
}
