//! What a tenant has agreed with its identity provider, sign-ins under way, and who a provider's subjects are.

use super::{Digest, StoreError};
use async_trait::async_trait;
use countersign_domain::{
    Act, Millis, PersonId, Role, TenantId, Via,
    email::Email,
    sso::{MailDomain, RoleRules, SsoRefusal},
};

/// What is agreed.
#[derive(Debug, Clone)]
pub struct SsoConnection {
    pub issuer: String,
    pub client_id: String,
    pub sealed_secret: Option<Vec<u8>>,
    /// In which claim the provider names a person's groups; empty: in none.
    pub group_claim: String,
    pub rules: RoleRules,
    /// In their order.
    pub domains: Vec<MailDomain>,
    /// Whether people of these domains enter the tenant in no other way.
    pub enforced: bool,
    /// When somebody was signed in by it last, since issuer or client changed.
    pub last_sign_in: Option<Millis>,
    pub last_refusal: Option<(SsoRefusal, Millis)>,
}

/// A tenant that has a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoTenant {
    pub tenant: TenantId,
    pub slug: String,
    pub name: String,
    pub enforced: bool,
}

/// A sign-in under way.
#[derive(Debug, Clone)]
pub struct SsoCeremony {
    pub state: Digest,
    /// Of what the browser keeps in a cookie.
    pub browser: Digest,
    pub tenant: TenantId,
    /// Where the browser goes afterwards: a path of the console.
    pub next: String,
    /// Whether the person was to prove anew who they are.
    pub again: bool,
    /// Whose account it is that the provider may sign in to from now on, by that person's own word.
    pub confirms: Option<PersonId>,
    pub started_at: Millis,
}

/// What came of an answer's `state`.
#[derive(Debug, Clone)]
pub enum SsoTaken {
    Good(SsoCeremony),
    Bad(TenantId, SsoRefusal),
}

/// Somebody whom the provider vouches for, with a verified address in one of the tenant's domains.
#[derive(Debug, Clone)]
pub struct SsoArrival {
    pub issuer: String,
    pub subject: String,
    pub email: Email,
    pub name: String,
    /// What the provider's groups give, if anything.
    pub role: Option<Role>,
    /// For whoever gets no role by groups, nor by an invitation.
    pub otherwise: Option<Role>,
    /// Whether groups decide the role of those who are members already: not where the provider says nothing of them.
    pub decides: bool,
    /// The person who has said, with a fresh proof of their own, that it is them.
    pub confirmed: Option<PersonId>,
    /// The id of the person who may have to be made.
    pub fresh: PersonId,
    pub via: Via,
    pub at: Millis,
}

#[async_trait]
pub trait Sso: Send + Sync {
    /// [`StoreError::NotFound`] where the tenant has no provider.
    async fn connection(&self, tenant: TenantId) -> Result<SsoConnection, StoreError>;
    /// The tenant that owns a domain. [`StoreError::NotFound`] where none does.
    async fn of_domain(&self, domain: &MailDomain) -> Result<SsoTenant, StoreError>;
    /// The tenant of this name in addresses. [`StoreError::NotFound`] where it has no provider.
    async fn of_name(&self, slug: &str) -> Result<SsoTenant, StoreError>;
    /// Whether the person has a verified address in the domain, or the operator allows the tenant to claim it.
    async fn may_claim(&self, tenant: TenantId, person: PersonId, domain: &MailDomain) -> Result<bool, StoreError>;
    /// Replaces what is agreed, and ends sign-ins under way. [`StoreError::Taken`] where another tenant has one of
    /// the domains.
    async fn save(&self, tenant: TenantId, connection: SsoConnection, act: Act) -> Result<(), StoreError>;
    /// Switches enforcement. On, it ends the sessions that were opened in other ways by people of the domains, but the
    /// one of `but`.
    async fn enforce(&self, tenant: TenantId, enforced: bool, but: Option<Digest>, act: Act) -> Result<(), StoreError>;
    /// Forgets the provider, its domains and its subjects. People and their roles stay.
    async fn remove(&self, tenant: TenantId, act: Act) -> Result<(), StoreError>;

    async fn begin(&self, ceremony: SsoCeremony) -> Result<(), StoreError>;
    /// Uses up the sign-in that an answer belongs to, by its state or else by its browser; one begun before `oldest` is
    /// too late. [`StoreError::NotFound`] where it belongs to none.
    async fn take(
        &self,
        state: Option<Digest>,
        browser: Option<Digest>,
        now: Millis,
        oldest: Millis,
    ) -> Result<SsoTaken, StoreError>;
    /// Finds or makes the person and gives them their role, all or nothing. [`SsoRefusal::NoRole`] for whom it knew ends
    /// their membership and their sessions of the tenant; the last founder stays.
    async fn arrive(&self, tenant: TenantId, arrival: SsoArrival) -> Result<Result<PersonId, SsoRefusal>, StoreError>;
    /// Keeps why somebody was refused last; `journaled` says whether the journal has it too.
    async fn refuse(
        &self,
        tenant: TenantId,
        why: SsoRefusal,
        via: Via,
        at: Millis,
        journaled: bool,
    ) -> Result<(), StoreError>;
    /// Whether a subject of the tenant's provider is this person.
    async fn is_linked(&self, tenant: TenantId, person: PersonId) -> Result<bool, StoreError>;
    /// The tenant that lets the person in by its provider alone, where they belong to no other and `opened` (how a
    /// session would be opened) is not one of the ways that stay open to them.
    async fn demanding(&self, person: PersonId, opened: &str) -> Result<Option<SsoTenant>, StoreError>;
}
