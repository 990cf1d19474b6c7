//! The people of a tenant, and those who were asked to join.

use super::{Digest, NewLink, NewMail, StoreError};
use async_trait::async_trait;
use countersign_domain::{
    Act, InvitationId, Millis, PersonId, Role, TenantId,
    reading::{InvitationRow, MemberRow},
};

#[derive(Debug, Clone)]
pub struct NewInvitation {
    pub id: InvitationId,
    pub email: String,
    pub role: Role,
    pub link: NewLink,
    pub mail: NewMail,
}

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Live,
    Used,
    /// Its time is over.
    Expired,
    /// It was revoked, or another took its place.
    Ended,
}

/// The invitation that a link belongs to.
#[derive(Debug, Clone)]
pub struct Invitation {
    pub tenant: TenantId,
    pub tenant_name: String,
    pub tenant_slug: String,
    pub email: String,
    pub role: Role,
    pub invited_by: PersonId,
    /// By name.
    pub inviter: String,
    pub until: Millis,
    pub fate: Fate,
    /// Whose address it is, if somebody with an account has it.
    pub holder: Option<PersonId>,
}

/// Who joins by an invitation.
#[derive(Debug, Clone)]
pub enum Joiner {
    /// Somebody without an account, which is made.
    New { person: PersonId, name: String, password_hash: String },
    /// Somebody with one.
    Known(PersonId),
}

#[async_trait]
pub trait Members: Send + Sync {
    /// Founders first, then by name; none of them is `is_you`.
    async fn list(&self, tenant: TenantId) -> Result<Vec<MemberRow>, StoreError>;
    /// The invitations that wait, the newest first.
    async fn waiting(&self, tenant: TenantId) -> Result<Vec<InvitationRow>, StoreError>;
    /// [`StoreError::Taken`] where the address is a member's, or has an invitation that waits.
    async fn invite(&self, tenant: TenantId, invitation: NewInvitation, act: Act) -> Result<(), StoreError>;
    /// Gives an invitation that waits another link, and ends the one before. [`StoreError::NotFound`] for any other.
    async fn renew(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        link: NewLink,
        mail: NewMail,
        act: Act,
    ) -> Result<(), StoreError>;
    /// [`StoreError::NotFound`] where it does not wait.
    async fn revoke(&self, tenant: TenantId, invitation: InvitationId, act: Act) -> Result<(), StoreError>;
    /// [`StoreError::NotFound`] where no link has this digest.
    async fn invitation(&self, link: Digest, now: Millis) -> Result<Invitation, StoreError>;
    /// Uses the link up: its joiner becomes a member, all or nothing. [`StoreError::NotFound`] where the link is not
    /// live any more, or is for another address; [`StoreError::Taken`] where a new joiner's address has an account.
    async fn join(&self, link: Digest, joiner: Joiner, act: Act) -> Result<(), StoreError>;
    /// Journals that somebody tried an invitation in vain. `act` is in its inviter's name.
    async fn note_refusal(&self, tenant: TenantId, email: &str, why: &str, act: Act) -> Result<(), StoreError>;
    /// [`StoreError::NotFound`] for somebody who is no member; [`StoreError::Refused`] for the last founder.
    async fn change_role(&self, tenant: TenantId, person: PersonId, role: Role, act: Act) -> Result<(), StoreError>;
    /// As [`Members::change_role`]. Whoever belongs to no tenant then is signed out.
    async fn remove(&self, tenant: TenantId, person: PersonId, act: Act) -> Result<(), StoreError>;
}
