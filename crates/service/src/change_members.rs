//! The people of a tenant: who they are, in which role, and their end.

use crate::{Error, Service, policy::Action, policy::rank, sign_in::digest};
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

    /// The tenants that the session of `token` opens, as (name in addresses, name), by name.
    pub async fn list_tenants(&self, token: Option<&str>) -> Result<Vec<(String, String)>, Error> {
        let all = self.ports.sessions.tenants(digest(token.ok_or(Error::SignedOut)?)).await?;
        Ok(all.into_iter().filter(|tenant| tenant.opens).map(|tenant| (tenant.slug, tenant.name)).collect())
    }
}
