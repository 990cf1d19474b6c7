//! Asking somebody to join, by mail.

use crate::{
    Error, Service,
    mail::{About, Invited, invitation},
    policy::Action,
    ports::{NewInvitation, NewLink, NewMail},
    sign_in::digest,
};
use countersign_domain::{Actor, InvitationId, Millis, Role, email::Email};

/// An invitation may be accepted for so long.
const LINK_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// So many may wait at once in a tenant: nobody makes a mail server send to the whole world.
const MOST_WAITING: usize = 100;
/// And so many mails may go out within the window of [`tries`](crate::tries), whatever became of them.
const MOST_SENT: u32 = 100;

impl Service {
    /// Asks whoever has this address to join the actor's tenant in a role.
    pub async fn invite_member(&self, actor: &Actor, email: &str, role: &str) -> Result<(), Error> {
        self.allow(actor, Action::ChangeMembers)?;
        let email: Email = email.parse().map_err(|error| Error::invalid("email", error))?;
        let role: Role = role.parse().map_err(|()| Error::invalid("role", "Choose a role."))?;
        if self.ports.members.waiting(actor.tenant).await?.len() >= MOST_WAITING {
            return Err(Error::Conflict(format!("{MOST_WAITING} invitations wait. Revoke some before you send more.")));
        }
        let (link, mail) = self.invitation_mail(actor, &email, role).await?;
        let id = InvitationId(self.ports.entropy.uuid(mail.at));
        let new = NewInvitation { id, email: email.as_str().to_owned(), role, link, mail };
        Ok(self.ports.members.invite(actor.tenant, new, self.act(actor)).await?)
    }

    /// Sends an invitation that waits again, with another link, in the name of the actor.
    pub async fn renew_invitation(&self, actor: &Actor, id: InvitationId) -> Result<(), Error> {
        self.allow(actor, Action::ChangeMembers)?;
        let waiting = self.ports.members.waiting(actor.tenant).await?;
        let row = waiting.into_iter().find(|row| row.id == id).ok_or(Error::NotFound)?;
        let email: Email = row.email.parse().map_err(|error| Error::invalid("email", error))?;
        let (link, mail) = self.invitation_mail(actor, &email, row.role).await?;
        Ok(self.ports.members.renew(actor.tenant, id, link, mail, self.act(actor)).await?)
    }

    /// Takes an invitation that waits back.
    pub async fn revoke_invitation(&self, actor: &Actor, id: InvitationId) -> Result<(), Error> {
        self.allow(actor, Action::ChangeMembers)?;
        Ok(self.ports.members.revoke(actor.tenant, id, self.act(actor)).await?)
    }

    async fn invitation_mail(&self, actor: &Actor, email: &Email, role: Role) -> Result<(NewLink, NewMail), Error> {
        self.take_try_of("invitation", &actor.tenant.to_string(), MOST_SENT).await?;
        let token = self.new_token();
        let until = Millis(self.ports.clock.now().0 + LINK_MS);
        let invited = Invited { by: &actor.name, by_email: &actor.email, tenant: &actor.tenant_name, role };
        let draft = invitation(&invited, &self.link("invite", &token), until);
        let mail = self.seal_mail(draft, email, About::Tenant(actor.tenant), until)?;
        Ok((NewLink { digest: digest(&token), until }, mail))
    }
}
