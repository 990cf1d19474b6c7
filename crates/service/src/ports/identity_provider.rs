//! The provider that a tenant signs its people in by, spoken to in OpenID Connect.

use async_trait::async_trait;
use countersign_domain::{Millis, sso::SsoRefusal};
use secrecy::SecretString;

/// What the provider knows this console as.
#[derive(Debug, Clone)]
pub struct SsoClient {
    /// The provider's name: an `https` address, compared letter by letter.
    pub issuer: String,
    pub client_id: String,
    /// Without one the client is a public one, and PKCE alone proves who redeems the code.
    pub secret: Option<SecretString>,
    /// Where the provider sends the browser back to.
    pub redirect_url: String,
}

/// The secrets of one sign-in: three texts that nobody can guess.
#[derive(Debug, Clone)]
pub struct SsoSecrets {
    pub state: String,
    /// Comes back inside the ID token.
    pub nonce: String,
    /// Of PKCE (RFC 7636): shown to the token endpoint alone.
    pub verifier: String,
}

/// What the provider vouches for, its form and signature checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// Who it is, for this issuer; never given to somebody else.
    pub subject: String,
    pub email: Option<String>,
    pub email_verified: bool,
    pub name: Option<String>,
    /// `None` where the provider says nothing of groups.
    pub groups: Option<Vec<String>>,
    /// When the person last proved to the provider who they are, if it says so.
    pub proven_at: Option<Millis>,
}

#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// Where the browser is to go. `again`: the person must prove anew who they are, whatever the provider remembers.
    async fn authorize(&self, client: &SsoClient, secrets: &SsoSecrets, again: bool) -> Result<String, SsoRefusal>;
    /// Whether each of the provider's answers says who answers (RFC 9207).
    async fn names_itself(&self, issuer: &str) -> Result<bool, SsoRefusal>;
    /// Redeems the code that came back, and checks the ID token: signature by a published key and an allowed algorithm,
    /// issuer, audience, times and nonce. Groups are taken from the claim named `group_claim`.
    async fn redeem(
        &self,
        client: &SsoClient,
        secrets: &SsoSecrets,
        code: String,
        group_claim: &str,
        now: Millis,
    ) -> Result<Vouched, SsoRefusal>;
}
