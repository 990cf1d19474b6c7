//! Discovery documents and keys, kept for a while.

use crate::http::Http;
use countersign_domain::sso::SsoRefusal;
use openidconnect::{
    AdditionalProviderMetadata, DiscoveryError, IssuerUrl, ProviderMetadata,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a document is used. A key that is not in it is looked for at once.
const LIFE: Duration = Duration::from_secs(600);

/// What OpenID Connect Discovery does not name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct More {
    /// Whether the issuer's name comes with each answer (RFC 9207, section 3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

/// A discovery document.
pub type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What issuers said of themselves.
#[derive(Debug, Default)]
pub struct Known(Mutex<HashMap<String, (Instant, Arc<Metadata>)>>);

impl Known {
    /// The issuer's document with its keys. `fresh`: whatever is kept.
    pub async fn of(&self, issuer: &str, http: &Http, fresh: bool) -> Result<Arc<Metadata>, SsoRefusal> {
        if !fresh && let Some(kept) = self.kept(issuer) {
            return Ok(kept);
        }
        let url = IssuerUrl::new(issuer.to_owned()).map_err(|_| SsoRefusal::NoDiscovery)?;
        let found = Metadata::discover_async(url, http).await.map_err(|error| {
            tracing::info!(sso.issuer = issuer, %error, "no discovery");
            match &error {
                DiscoveryError::Request(fault) => fault.into(),
                DiscoveryError::Validation(_) => SsoRefusal::OtherIssuer,
                _ => SsoRefusal::NoDiscovery,
            }
        })?;
        let found = Arc::new(found);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (since, _)| since.elapsed() < LIFE);
        all.insert(issuer.to_owned(), (Instant::now(), found.clone()));
        Ok(found)
    }

    fn kept(&self, issuer: &str) -> Option<Arc<Metadata>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(issuer).filter(|(since, _)| since.elapsed() < LIFE).map(|(_, kept)| kept.clone())
    }
}
