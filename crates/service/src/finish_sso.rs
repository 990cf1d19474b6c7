//! Single sign-on ends: from the provider's answer to a session.

use crate::{
    Client, Error, Service, SignedIn,
    ports::{SsoArrival, SsoCeremony, SsoTaken, StoreError, Vouched},
    sign_in::{Proven, digest},
    start_sso::{secrets, told},
    visible_line,
};
use countersign_domain::{
    How, Millis, PersonId, TenantId, Via,
    email::Email,
    sso::{MailDomain, SsoRefusal},
};

/// A sign-in that takes longer is begun anew.
const CEREMONY_MS: i64 = 10 * 60 * 1000;
/// Answers in vain that one network address may bring within the window.
const PER_ADDRESS: u32 = 60;
/// The provider's clock may be so much before or behind.
const LEEWAY_MS: i64 = 60 * 1000;
/// The longest name of a person that is taken over.
const NAME_CHARS: usize = 80;

/// What the provider has the browser say, as it came.
#[derive(Debug, Clone, Default)]
pub struct SsoAnswer {
    pub state: Option<String>,
    pub code: Option<String>,
    /// In place of a code (RFC 6749, section 4.1.2.1).
    pub error: Option<String>,
    /// Who answers, where the provider says so (RFC 9207).
    pub iss: Option<String>,
}

/// A session, and where the browser wanted to go.
#[derive(Debug)]
pub struct SsoSignedIn {
    pub signed_in: SignedIn,
    pub next: String,
}

impl Service {
    /// Signs in whoever the provider vouches for, by an answer that came to the address of the tenant named `slug`;
    /// `browser` is what the browser keeps of the sign-in. What cannot be believed is journaled with its reason; the
    /// person is told one sentence.
    pub async fn finish_sso(
        &self,
        slug: &str,
        answer: SsoAnswer,
        browser: Option<&str>,
        client: &Client,
    ) -> Result<SsoSignedIn, Error> {
        let taken_try = self.take_try_of_address("sso_answer", client, PER_ADDRESS).await?;
        let now = self.ports.clock.now();
        let oldest = Millis(now.0 - CEREMONY_MS);
        let state = answer.state.as_deref();
        let taken = self.ports.sso.take(state.map(digest), browser.map(digest), now, oldest).await;
        let ceremony = match taken {
            Ok(SsoTaken::Good(ceremony)) => ceremony,
            Ok(SsoTaken::Bad(tenant, why)) => return Err(self.refuse_sso(tenant, why, client).await?),
            Err(StoreError::NotFound) => {
                // Of which tenant it would be, nobody knows: there is no journal to write it into.
                tracing::info!(client.address, "an answer of an identity provider that nobody waits for");
                return Err(told(SsoRefusal::NoState));
            }
            Err(error) => return Err(error.into()),
        };
        match self.arrive(slug, &ceremony, answer, browser, client).await? {
            Ok(signed_in) => {
                self.give_back(taken_try).await?;
                Ok(SsoSignedIn { signed_in, next: ceremony.next })
            }
            Err(why) => Err(self.refuse_sso(ceremony.tenant, why, client).await?),
        }
    }

    async fn arrive(
        &self,
        slug: &str,
        ceremony: &SsoCeremony,
        answer: SsoAnswer,
        browser: Option<&str>,
        client: &Client,
    ) -> Result<Result<SignedIn, SsoRefusal>, Error> {
        let connection = match self.ports.sso.connection(ceremony.tenant).await {
            Ok(connection) => connection,
            Err(StoreError::NotFound) => return Ok(Err(SsoRefusal::Disabled)),
            Err(error) => return Err(error.into()),
        };
        // The code of one provider must not be shown to another (RFC 9700, section 4.4.2).
        if !self.is_of(slug, ceremony.tenant).await? {
            return Ok(Err(SsoRefusal::OtherIssuer));
        }
        let named = match answer.iss {
            Some(issuer) => Ok(issuer == connection.issuer),
            None => self.ports.identity_provider.names_itself(&connection.issuer).await.map(|must| !must),
        };
        match named {
            Ok(true) => {}
            Ok(false) => return Ok(Err(SsoRefusal::OtherIssuer)),
            Err(why) => return Ok(Err(why)),
        }
        if answer.error.is_some() {
            return Ok(Err(SsoRefusal::Denied));
        }
        let Some(code) = answer.code.filter(|code| !code.is_empty()) else { return Ok(Err(SsoRefusal::NoCode)) };
        let asked = self.sso_client(ceremony.tenant, slug, &connection)?;
        let secrets = secrets(&answer.state.unwrap_or_default(), browser.unwrap_or_default());
        let now = self.ports.clock.now();
        let vouched = self.ports.identity_provider.redeem(&asked, &secrets, code, &connection.group_claim, now).await;
        let vouched = match vouched {
            Ok(vouched) => vouched,
            Err(why) => return Ok(Err(why)),
        };
        let email = match address(&vouched, &connection.domains) {
            Ok(email) => email,
            Err(why) => return Ok(Err(why)),
        };
        let now = self.ports.clock.now();
        let arrival = SsoArrival {
            issuer: connection.issuer,
            subject: vouched.subject.clone(),
            name: name(&vouched, &email),
            email,
            role: vouched.groups.as_ref().and_then(|groups| connection.rules.role_of(groups)),
            otherwise: connection.rules.otherwise,
            decides: connection.rules.decide() && vouched.groups.is_some(),
            confirmed: ceremony.confirms,
            fresh: PersonId(self.ports.entropy.uuid(now)),
            via: Via::new(How::Sso, client.address.clone()),
            at: now,
        };
        let person = match self.ports.sso.arrive(ceremony.tenant, arrival).await? {
            Ok(person) => person,
            Err(why) => return Ok(Err(why)),
        };
        let provider = (ceremony.tenant, proven_at(ceremony, &vouched, now));
        Ok(Ok(self.open_session_of(Proven::by(person, How::Sso), Some(provider), client).await?))
    }

    /// Whether `slug` names the tenant, and that still has a provider.
    async fn is_of(&self, slug: &str, tenant: TenantId) -> Result<bool, Error> {
        match self.ports.sso.of_name(slug).await {
            Ok(found) => Ok(found.tenant == tenant),
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// When the person has proven who they are: to have been let through by the provider because they did so this morning is
/// no fresh proof. What a provider does not say was long ago.
fn proven_at(ceremony: &SsoCeremony, vouched: &Vouched, now: Millis) -> Millis {
    match vouched.proven_at {
        Some(at) if ceremony.again && at.0 + LEEWAY_MS >= ceremony.started_at.0 => now,
        Some(at) => Millis(at.0.min(now.0)),
        None => Millis(0),
    }
}

/// The address, if it counts.
fn address(vouched: &Vouched, domains: &[MailDomain]) -> Result<Email, SsoRefusal> {
    let text = vouched.email.as_deref().ok_or(SsoRefusal::NoAddress)?;
    if !vouched.email_verified {
        return Err(SsoRefusal::AddressUnverified);
    }
    // What is no address of ours (look-alike letters are none) is in none of the domains.
    let email: Email = text.parse().map_err(|_| SsoRefusal::AddressOutside)?;
    let inside = MailDomain::of(&email).is_some_and(|domain| domains.contains(&domain));
    if inside { Ok(email) } else { Err(SsoRefusal::AddressOutside) }
}

/// The name that the provider gives, or the address up to the `@`.
fn name(vouched: &Vouched, email: &Email) -> String {
    let given: String = vouched.name.as_deref().map(visible_line).unwrap_or_default();
    let given: String = given.trim().chars().take(NAME_CHARS).collect();
    if given.is_empty() { email.as_str().split('@').next().unwrap_or_default().to_owned() } else { given }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vouched(email: &str, email_verified: bool) -> Vouched {
        Vouched {
            subject: "1".into(),
            email: Some(email.to_owned()),
            email_verified,
            name: None,
            groups: None,
            proven_at: None,
        }
    }

    #[test]
    fn an_address_counts_when_it_is_verified_and_in_a_domain() {
        let domains: Vec<MailDomain> = vec!["example.com".parse().unwrap()];
        let of =
            |email: &str, verified| address(&vouched(email, verified), &domains).map(|email| email.as_str().to_owned());
        assert_eq!(of("Ada@Example.com", true).unwrap(), "ada@example.com");
        assert_eq!(of("ada@example.com", false), Err(SsoRefusal::AddressUnverified));
        for outside in [
            "ada@exаmple.com",
            "аda@example.com",
            "ada@example.com.evil.org",
            "ada@sub.example.com",
            "ada",
            "a@b@example.com",
        ] {
            assert_eq!(of(outside, true), Err(SsoRefusal::AddressOutside), "{outside}");
        }
    }

    #[test]
    fn a_session_is_as_fresh_as_the_proof_that_the_provider_took() {
        let ceremony = |again| SsoCeremony {
            state: [0; 32],
            browser: [0; 32],
            tenant: countersign_domain::TenantId(uuid::Uuid::nil()),
            next: "/".into(),
            again,
            confirms: None,
            started_at: Millis(1_000_000),
        };
        let at = |again, proven: Option<i64>| {
            let vouched = Vouched { proven_at: proven.map(Millis), ..vouched("a@b.c", true) };
            proven_at(&ceremony(again), &vouched, Millis(1_010_000)).0
        };
        assert_eq!(at(false, None), 0);
        assert_eq!(at(true, None), 0);
        assert_eq!(at(false, Some(5)), 5);
        assert_eq!(at(false, Some(9_999_999)), 1_010_000);
        assert_eq!(at(true, Some(5)), 5);
        assert_eq!(at(true, Some(1_000_000)), 1_010_000);
    }
}
