//! Single sign-on begins: which organization's provider it is, and where the browser goes.

use crate::{
    Error, Service,
    client::Client,
    policy::FRESH_MS,
    ports::{SsoCeremony, SsoClient, SsoConnection, SsoSecrets, SsoTenant, StoreError},
    sign_in::digest,
};
use countersign_domain::{
    How, PersonId, TenantId, Via,
    email::Email,
    sso::{MailDomain, SsoRefusal},
};
use data_encoding::BASE64URL_NOPAD;

/// Sign-ins that one network address may begin within the window. Many people may share one.
const PER_ADDRESS: u32 = 300;

/// Refusals that a tenant's journal takes within the window. It can never be shortened, and anybody can be refused.
const JOURNALED: u32 = 100;

/// How a sign-in is to go.
#[derive(Debug, Clone, Copy, Default)]
pub struct SsoWanted<'w> {
    /// Where it leads to.
    pub next: &'w str,
    /// Whether the person is to prove anew who they are, even where the provider remembers them.
    pub again: bool,
    /// The session of whoever has said that the provider may sign in as them from now on.
    pub links: Option<&'w str>,
}

/// Somebody who is signed in, and whom a provider might sign in as from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoLink {
    pub email: String,
    /// Whether they may say now that the provider may sign in as them: they have just proven who they are, in a way of
    /// their own.
    pub may: bool,
}

/// Who has a session, and whether they have just proven who they are. A provider's word does not confirm itself.
struct OwnProof {
    person: PersonId,
    email: String,
    fresh: bool,
}

/// A sign-in under way.
#[derive(Debug)]
pub struct SsoStarted {
    /// Where the browser is to go.
    pub url: String,
    /// What the browser keeps in a cookie meanwhile: without it the provider's answer is nobody's.
    pub browser: String,
}

/// What the sign-in page says of an organization's provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoOffer {
    pub tenant_slug: String,
    pub tenant_name: String,
    /// Whether there is no other way in.
    pub enforced: bool,
}

impl From<SsoTenant> for SsoOffer {
    fn from(found: SsoTenant) -> Self {
        Self { tenant_slug: found.slug, tenant_name: found.name, enforced: found.enforced }
    }
}

impl Service {
    /// The provider for addresses like this one, whether anybody has this address or not.
    pub async fn sso_of_address(&self, email: &str) -> Result<Option<SsoOffer>, Error> {
        let domain = email.parse::<Email>().ok().and_then(|email| MailDomain::of(&email));
        let Some(domain) = domain else { return Ok(None) };
        match self.ports.sso.of_domain(&domain).await {
            Ok(found) => Ok(Some(found.into())),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The provider of the tenant of this name in addresses.
    pub async fn sso_of_tenant(&self, slug: &str) -> Result<SsoOffer, Error> {
        Ok(self.ports.sso.of_name(slug).await?.into())
    }

    /// Begins a sign-in by the tenant's provider.
    pub async fn start_sso(&self, slug: &str, wanted: SsoWanted<'_>, client: &Client) -> Result<SsoStarted, Error> {
        let SsoWanted { next, again, links } = wanted;
        self.take_try_of_address("sso_start", client, PER_ADDRESS).await?;
        let found = self.ports.sso.of_name(slug).await?;
        let connection = self.ports.sso.connection(found.tenant).await?;
        let (state, browser) = (self.new_token(), self.new_token());
        let asked = self.sso_client(found.tenant, slug, &connection)?;
        let url = match self.ports.identity_provider.authorize(&asked, &secrets(&state, &browser), again).await {
            Ok(url) => url,
            Err(why) => return Err(self.refuse_sso(found.tenant, why, client).await?),
        };
        let ceremony = SsoCeremony {
            state: digest(&state),
            browser: digest(&browser),
            tenant: found.tenant,
            next: next.to_owned(),
            again,
            confirms: match links {
                Some(session) => self.own_proof(session, client).await?.filter(|own| own.fresh).map(|own| own.person),
                None => None,
            },
            started_at: self.ports.clock.now(),
        };
        self.ports.sso.begin(ceremony).await?;
        Ok(SsoStarted { url, browser })
    }

    /// Whom the tenant's provider would be linked to, if its person says so: whoever is signed in and has an address of
    /// its domains. Whoever is linked is not asked to prove anew who they are for it.
    pub async fn sso_link(&self, slug: &str, session: Option<&str>, client: &Client) -> Result<Option<SsoLink>, Error> {
        let Some(own) = self.own_proof(session.unwrap_or_default(), client).await? else { return Ok(None) };
        let tenant = self.ports.sso.of_name(slug).await?.tenant;
        let theirs = self.sso_of_address(&own.email).await?.is_some_and(|offer| offer.tenant_slug == slug);
        if !theirs || (!own.fresh && self.ports.sso.is_linked(tenant, own.person).await?) {
            return Ok(None);
        }
        Ok(Some(SsoLink { email: own.email, may: own.fresh }))
    }

    async fn own_proof(&self, session: &str, client: &Client) -> Result<Option<OwnProof>, Error> {
        match self.authenticate(Some(session), None, client).await {
            Ok(actor) => {
                let lately = self.ports.clock.now().since(actor.proven_at) <= FRESH_MS;
                let fresh = lately && actor.via.how != How::Sso;
                Ok(Some(OwnProof { person: actor.person, email: actor.email, fresh }))
            }
            Err(Error::SignedOut | Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the tenant lets whoever has this address in by its provider alone.
    pub(crate) async fn demands_sso(&self, tenant: TenantId, email: &str) -> Result<bool, Error> {
        let domain = email.parse::<Email>().ok().and_then(|email| MailDomain::of(&email));
        let Some(domain) = domain else { return Ok(false) };
        match self.ports.sso.of_domain(&domain).await {
            Ok(owner) => Ok(owner.tenant == tenant && owner.enforced),
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Refuses a session that would be opened in another way than the person's tenant demands.
    pub(crate) async fn check_way_in(&self, person: PersonId, how: How, client: &Client) -> Result<(), Error> {
        if how == How::Sso {
            return Ok(());
        }
        match self.ports.sso.demanding(person, how.as_str()).await? {
            None => Ok(()),
            Some(tenant) => {
                self.refuse(person, how, client).await?;
                // By a password alone nobody learns that it was the right one.
                Err(if how == How::Password { no_password() } else { demanded(&tenant.name) })
            }
        }
    }

    /// What the provider knows this console as.
    pub(crate) fn sso_client(
        &self,
        tenant: TenantId,
        slug: &str,
        connection: &SsoConnection,
    ) -> Result<SsoClient, Error> {
        let open = |sealed: &Vec<u8>| self.ports.seal.open(&secret_name(tenant), sealed);
        Ok(SsoClient {
            issuer: connection.issuer.clone(),
            client_id: connection.client_id.clone(),
            secret: connection.sealed_secret.as_ref().map(open).transpose()?,
            redirect_url: self.sso_redirect_url(slug),
        })
    }

    /// The address that the provider sends browsers back to. Each tenant has its own, so that an answer of one's provider
    /// is never taken for that of another's (RFC 9700, section 4.4.2).
    pub fn sso_redirect_url(&self, slug: &str) -> String {
        format!("{}/sso/{slug}/callback", self.ports.connect.console_url)
    }

    /// Journals why, and answers what whoever tried is told: the same for all that could teach a forger.
    pub(crate) async fn refuse_sso(&self, tenant: TenantId, why: SsoRefusal, client: &Client) -> Result<Error, Error> {
        let via = Via::new(How::Sso, client.address.clone());
        let journaled = match self.take_try_of("sso_refused", &tenant.to_string(), JOURNALED).await {
            Ok(_) => true,
            Err(Error::Throttled { .. }) => false,
            Err(error) => return Err(error),
        };
        self.ports.sso.refuse(tenant, why, via, self.ports.clock.now(), journaled).await?;
        Ok(told(why))
    }
}

/// What is answered to a password, right or wrong, for an address of a domain whose organization requires single sign-on.
pub(crate) fn no_password() -> Error {
    Error::Conflict(
        "That e-mail address and password do not go together, or your organization requires single sign-on.".to_owned(),
    )
}

fn demanded(organization: &str) -> Error {
    Error::Conflict(format!(
        "{organization} requires single sign-on. Go back, enter your address, and continue through your organization."
    ))
}

/// What is said of a refusal.
pub(crate) fn told(why: SsoRefusal) -> Error {
    match why {
        SsoRefusal::Unreachable | SsoRefusal::Slow => {
            Error::Unavailable { what: "Your organization's sign-in service", cause: why.words().into() }
        }
        SsoRefusal::Unconfirmed => Error::Conflict(
            "This address has an account that the sign-in service was not linked to yet. Sign in to it with your password \
             or a passkey, come back here, and confirm the link. If you have neither, sign in as you did before, and add a \
             passkey at “Your security” first."
                .to_owned(),
        ),
        _ => Error::Conflict(
            "Single sign-on did not let you in. Start again; if that does not help, a founder of your organization finds \
             the reason in its journal."
                .to_owned(),
        ),
    }
}

pub(crate) fn secret_name(tenant: TenantId) -> String {
    format!("sso:{tenant}")
}

/// Nonce and verifier follow from what only the browser that began has both of: nothing secret need be kept.
pub(crate) fn secrets(state: &str, browser: &str) -> SsoSecrets {
    let derived = |what: &str| BASE64URL_NOPAD.encode(&digest(&format!("{what} {state} {browser}")));
    SsoSecrets { state: state.to_owned(), nonce: derived("nonce"), verifier: derived("verifier") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonce_and_verifier_belong_to_one_sign_in_of_one_browser() {
        let of = |state, browser| secrets(state, browser);
        let first = of("s", "b");
        assert_eq!(first.nonce, of("s", "b").nonce);
        for other in [of("s", "c"), of("t", "b")] {
            assert!(other.nonce != first.nonce && other.verifier != first.verifier);
        }
        assert_ne!(first.nonce, first.verifier);
        assert!(first.verifier.len() >= 43, "RFC 7636, section 4.1");
    }
}
