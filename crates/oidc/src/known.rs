//! Discovery documents and keys, kept for a while.

use crate::http::Http;
use countersign_domain::sso::SsoRefusal;
use openidconnect::{DiscoveryError, IssuerUrl, core::CoreProviderMetadata};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a document is used. A key that is not in it is looked for at once.
const LIFE: Duration = Duration::from_secs(600);

/// What issuers said of themselves.
#[derive(Debug, Default)]
pub struct Known(Mutex<HashMap<String, (Instant, Arc<CoreProviderMetadata>)>>);

impl Known {
    /// The issuer's document with its keys. `fresh`: whatever is kept.
    pub async fn of(&self, issuer: &str, http: &Http, fresh: bool) -> Result<Arc<CoreProviderMetadata>, SsoRefusal> {
        if !fresh && let Some(kept) = self.kept(issuer) {
            return Ok(kept);
        }
        let url = IssuerUrl::new(issuer.to_owned()).map_err(|_| SsoRefusal::NoDiscovery)?;
        let found = CoreProviderMetadata::discover_async(url, http).await.map_err(|error| {
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

    fn kept(&self, issuer: &str) -> Option<Arc<CoreProviderMetadata>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(issuer).filter(|(since, _)| since.elapsed() < LIFE).map(|(_, kept)| kept.clone())
    }
}
