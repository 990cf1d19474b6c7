//! Who may do what: one pure function.

use crate::Error;
use countersign_domain::{Actor, Role};

/// What a person may want to do. A new use case adds a line here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Read,
    CreateAgent,
    IssueCredential,
    RevokeCredential,
    CreateTask,
    CancelTask,
    ReprioritiseTask,
    ReplayLetter,
    DismissLetter,
    MendQuarantine,
    ControlAgent,
}

impl Action {
    pub const ALL: [Self; 11] = [
        Self::Read,
        Self::CreateAgent,
        Self::IssueCredential,
        Self::RevokeCredential,
        Self::CreateTask,
        Self::CancelTask,
        Self::ReprioritiseTask,
        Self::ReplayLetter,
        Self::DismissLetter,
        Self::MendQuarantine,
        Self::ControlAgent,
    ];

    /// The least role that may do it.
    pub fn needs(self) -> Role {
        match self {
            Self::Read => Role::Observer,
            Self::CreateAgent
            | Self::IssueCredential
            | Self::RevokeCredential
            | Self::CreateTask
            | Self::CancelTask
            | Self::ReprioritiseTask
            | Self::ReplayLetter
            | Self::DismissLetter
            | Self::MendQuarantine
            | Self::ControlAgent => Role::Founder,
        }
    }
}

fn rank(role: Role) -> u8 {
    match role {
        Role::Observer => 0,
        Role::Reviewer => 1,
        Role::Founder => 2,
    }
}

/// Lets the actor pass, or answers with [`Error::Forbidden`] and the role that would be needed.
pub fn allow(actor: &Actor, action: Action) -> Result<(), Error> {
    if rank(actor.role) >= rank(action.needs()) { Ok(()) } else { Err(Error::Forbidden(action.needs())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::{PersonId, TenantId};
    use uuid::Uuid;

    fn actor(role: Role) -> Actor {
        Actor {
            person: PersonId(Uuid::nil()),
            tenant: TenantId(Uuid::nil()),
            tenant_slug: "acme".into(),
            tenant_name: "Acme".into(),
            role,
            name: "Ada".into(),
            email: "ada@example.com".into(),
        }
    }

    #[test]
    fn a_founder_may_do_everything() {
        for action in Action::ALL {
            assert!(allow(&actor(Role::Founder), action).is_ok(), "{action:?}");
        }
    }

    #[test]
    fn reviewers_and_observers_read_and_change_nothing() {
        for role in [Role::Reviewer, Role::Observer] {
            for action in Action::ALL {
                assert_eq!(allow(&actor(role), action).is_ok(), action == Action::Read, "{role:?} {action:?}");
            }
        }
    }
}
