//! The people of a tenant: who they are, in which role, and their end.

use crate::{Error, Service, policy::Action, policy::rank};
use countersign_domain::{Actor, PersonId, Role, reading::Members};

impl Service {
    /// Everybody in the actor's tenant, and who was asked to join.
    pub async fn list_members(&self, actor: &Actor) -> Result<Members, Error> {
        self.allow(actor, Action::Read)?;
        let mut members = self.ports.members.list(actor.tenant).await?;
        for row in &mut members {
            row.is_you = row.person == actor.person;
        }
        let invitations = self.ports.members.waiting(actor.tenant).await?;
        let may_change = rank(actor.role) >= rank(Action::ChangeMembers.needs());
        Ok(Members { members, invitations, may_change })
    }

    /// Gives a member another role, from their next request on.
    pub async fn change_role(&self, actor: &Actor, person: PersonId, role: &str) -> Result<(), Error> {
        self.allow(actor, Action::ChangeMembers)?;
        let role: Role = role.parse().map_err(|()| Error::invalid("role", "Choose a role."))?;
        Ok(self.ports.members.change_role(actor.tenant, person, role, self.act(actor)).await?)
    }

    /// Ends a membership: from their next request on the tenant is none of theirs.
    pub async fn remove_member(&self, actor: &Actor, person: PersonId) -> Result<(), Error> {
        self.allow(actor, Action::ChangeMembers)?;
        Ok(self.ports.members.remove(actor.tenant, person, self.act(actor)).await?)
    }

    /// The actor's tenants as (name in addresses, name), by name.
    pub async fn list_tenants(&self, actor: &Actor) -> Result<Vec<(String, String)>, Error> {
        Ok(self.ports.members.tenants_of(actor.person).await?)
    }
}
