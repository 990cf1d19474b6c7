//! [`IdentityProvider`] by OpenID Connect: the code flow with PKCE (RFC 7636, RFC 9700).

use crate::{
    Reach,
    http::{Http, HttpFault},
    known::{Known, Metadata},
    token::{check, groups, vouched},
};
use async_trait::async_trait;
use countersign_domain::{Millis, sso::SsoRefusal};
use countersign_service::ports::{IdentityProvider, SsoClient, SsoSecrets, Vouched};
use openidconnect::{
    AccessToken, AdditionalClaims, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SubjectIdentifier, TokenResponse, UserInfoClaims, UserInfoError,
    core::{
        CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreGenderClaim, CoreTokenResponse,
    },
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// What is not answered by then is refused; all requests of one step together.
const PATIENCE: Duration = Duration::from_secs(10);

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Claims of the userinfo endpoint that the protocol does not name.
#[derive(Debug, Serialize, Deserialize)]
struct Extra {
    #[serde(flatten)]
    claims: Map<String, Value>,
}

impl AdditionalClaims for Extra {}

/// Speaks to every tenant's provider.
#[derive(Debug)]
pub struct OidcProvider {
    http: Http,
    known: Known,
}

impl OidcProvider {
    pub fn new(reach: Reach) -> Self {
        Self { http: Http::new(reach), known: Known::default() }
    }

    async fn token_of(
        &self,
        client: &Client,
        secrets: &SsoSecrets,
        code: String,
    ) -> Result<CoreTokenResponse, SsoRefusal> {
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|_| SsoRefusal::NoDiscovery)?;
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        request.set_pkce_verifier(verifier).request_async(&self.http).await.map_err(|error| match error {
            RequestTokenError::Request(fault) => refused(&fault),
            RequestTokenError::Parse(..) => SsoRefusal::NoIdToken,
            _ => SsoRefusal::CodeRefused,
        })
    }

    /// Adds what the provider tells at its userinfo endpoint alone, if it has one.
    async fn ask_for_more(
        &self,
        client: &Client,
        token: &AccessToken,
        group_claim: &str,
        known: &mut Vouched,
    ) -> Result<(), SsoRefusal> {
        let subject = SubjectIdentifier::new(known.subject.clone());
        // Without an endpoint there is nothing to ask.
        let Ok(request) = client.user_info(token.clone(), Some(subject)) else { return Ok(()) };
        let more: UserInfoClaims<Extra, CoreGenderClaim> =
            request.request_async(&self.http).await.map_err(|error| match error {
                UserInfoError::Request(fault) => refused(&fault),
                _ => SsoRefusal::CodeRefused,
            })?;
        if known.email.is_none() {
            known.email = more.email().map(|email| email.to_string());
            known.email_verified = more.email_verified() == Some(true);
        }
        if known.name.is_none() {
            known.name = more.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        }
        if known.groups.is_none() {
            known.groups = groups(&more.additional_claims().claims, group_claim);
        }
        Ok(())
    }

    async fn redeem_now(
        &self,
        client: &SsoClient,
        secrets: &SsoSecrets,
        code: String,
        group_claim: &str,
        now: Millis,
    ) -> Result<Vouched, SsoRefusal> {
        let metadata = self.known.of(&client.issuer, &self.http, false).await?;
        let mut asked = as_client(&metadata, client)?;
        let answer = self.token_of(&asked, secrets, code).await?;
        let token = answer.id_token().ok_or(SsoRefusal::NoIdToken)?;
        let checked = |asked: &Client| {
            let (claims, all) = check(token, asked.id_token_verifier(), &client.client_id, &secrets.nonce, now)?;
            Ok(vouched(claims, &all, group_claim))
        };
        let mut known = match checked(&asked) {
            // Providers change their keys.
            Err(SsoRefusal::UnknownKey) => {
                asked = as_client(&*self.known.of(&client.issuer, &self.http, true).await?, client)?;
                checked(&asked)?
            }
            known => known?,
        };
        if known.email.is_none() || (known.groups.is_none() && !group_claim.is_empty()) {
            self.ask_for_more(&asked, answer.access_token(), group_claim, &mut known).await?;
        }
        Ok(known)
    }
}

#[async_trait]
impl IdentityProvider for OidcProvider {
    async fn authorize(&self, client: &SsoClient, secrets: &SsoSecrets, again: bool) -> Result<String, SsoRefusal> {
        let metadata = in_time(self.known.of(&client.issuer, &self.http, false)).await?;
        let address = metadata.authorization_endpoint().as_str().parse().map_err(|_| SsoRefusal::NoDiscovery)?;
        if !self.http.may_ask(&address) {
            return Err(SsoRefusal::Forbidden);
        }
        let asked = as_client(&metadata, client)?;
        let (state, nonce) = (CsrfToken::new(secrets.state.clone()), Nonce::new(secrets.nonce.clone()));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(secrets.verifier.clone()));
        let mut request = asked
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .set_pkce_challenge(challenge)
            .add_scopes(["email", "profile"].map(|scope| Scope::new(scope.to_owned())));
        let groups = Scope::new("groups".to_owned());
        if metadata.scopes_supported().is_some_and(|known| known.contains(&groups)) {
            request = request.add_scope(groups);
        }
        if again {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        Ok(request.url().0.into())
    }

    async fn names_itself(&self, issuer: &str) -> Result<bool, SsoRefusal> {
        let metadata = in_time(self.known.of(issuer, &self.http, false)).await?;
        Ok(metadata.additional_metadata().authorization_response_iss_parameter_supported)
    }

    async fn redeem(
        &self,
        client: &SsoClient,
        secrets: &SsoSecrets,
        code: String,
        group_claim: &str,
        now: Millis,
    ) -> Result<Vouched, SsoRefusal> {
        in_time(self.redeem_now(client, secrets, code, group_claim, now)).await
    }
}

fn as_client(metadata: &Metadata, client: &SsoClient) -> Result<Client, SsoRefusal> {
    let secret = client.secret.as_ref().map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
    let redirect = RedirectUrl::new(client.redirect_url.clone()).map_err(|_| SsoRefusal::NoDiscovery)?;
    let id = ClientId::new(client.client_id.clone());
    let methods = metadata.token_endpoint_auth_methods_supported();
    // Where a document does not say how clients prove who they are, it is HTTP Basic.
    let basic = methods.is_none_or(|known| known.contains(&CoreClientAuthMethod::ClientSecretBasic));
    let how = if basic { AuthType::BasicAuth } else { AuthType::RequestBody };
    Ok(CoreClient::from_provider_metadata(metadata.clone(), id, secret).set_redirect_uri(redirect).set_auth_type(how))
}

fn refused(fault: &HttpFault) -> SsoRefusal {
    tracing::info!(error = %fault, "the identity provider's answer is of no use");
    fault.into()
}

async fn in_time<T>(answer: impl Future<Output = Result<T, SsoRefusal>>) -> Result<T, SsoRefusal> {
    tokio::time::timeout(PATIENCE, answer).await.unwrap_or(Err(SsoRefusal::Slow))
}
