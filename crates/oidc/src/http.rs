//! Requests to providers: TLS, no redirects, little patience, and only where [`Reach`] allows.

use crate::Reach;
use bytes::Bytes;
use countersign_domain::sso::SsoRefusal;
use http::Uri;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{
            HttpConnector,
            dns::{GaiResolver, Name},
        },
    },
    rt::TokioExecutor,
};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls::{ClientConfig, RootCertStore};
use std::{
    error::Error,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tower_service::Service;

/// The largest answer that is read.
const MOST_BYTES: usize = 1024 * 1024;

/// Why there is no answer that could be used.
#[derive(Debug, thiserror::Error)]
pub enum HttpFault {
    #[error("no connection: {0}")]
    Unreachable(String),
    #[error("the answer is larger than 1 MiB")]
    TooLarge,
    #[error("the answer is a redirect")]
    Redirected,
    #[error("the address may not be reached")]
    Forbidden,
}

impl From<&HttpFault> for SsoRefusal {
    fn from(fault: &HttpFault) -> Self {
        match fault {
            HttpFault::Unreachable(_) => Self::Unreachable,
            HttpFault::TooLarge => Self::TooLarge,
            HttpFault::Redirected => Self::Redirected,
            HttpFault::Forbidden => Self::Forbidden,
        }
    }
}

/// A client for all providers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
    reach: Reach,
}

impl Http {
    /// Trusts the certificates that the machine trusts. On one that trusts none, no provider is reached by TLS.
    pub fn new(reach: Reach) -> Self {
        let mut connector = HttpConnector::new_with_resolver(Resolver { system: GaiResolver::new(), reach });
        connector.enforce_http(false);
        let tls = HttpsConnectorBuilder::new().with_tls_config(trusting()).https_or_http().enable_http1();
        Self { client: Client::builder(TokioExecutor::new()).build(tls.wrap_connector(connector)), reach }
    }

    /// Whether requests may go to this address, as far as its text says: what a name stands for is found out when the
    /// connection is opened, so that a name cannot stand for something else by then.
    pub fn may_ask(&self, address: &Uri) -> bool {
        let Some(host) = address.host() else { return false };
        let literal: Option<IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
        let own = host == "localhost" || literal.is_some_and(|ip| ip.to_canonical().is_loopback());
        let scheme = match address.scheme_str() {
            Some("https") => true,
            Some("http") => own && self.reach == Reach::PrivateToo,
            _ => false,
        };
        scheme && literal.is_none_or(|ip| self.reach.allows(ip))
    }

    /// One request, which is not followed elsewhere.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpFault> {
        if !self.may_ask(request.uri()) {
            return Err(HttpFault::Forbidden);
        }
        let response = self.client.request(request.map(Full::from)).await.map_err(|error| fault(&error))?;
        if response.status().is_redirection() {
            return Err(HttpFault::Redirected);
        }
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MOST_BYTES).collect().await.map_err(|error| fault(&*error))?;
        Ok(http::Response::from_parts(parts, body.to_bytes().into()))
    }

    /// As [`Http::send`], for those to whom the status says all: the rest of the answer is not read, however long it is or
    /// takes.
    pub async fn status(&self, request: HttpRequest) -> Result<u16, HttpFault> {
        if !self.may_ask(request.uri()) {
            return Err(HttpFault::Forbidden);
        }
        let response = self.client.request(request.map(Full::from)).await.map_err(|error| fault(&error))?;
        let status = response.status();
        if status.is_redirection() { Err(HttpFault::Redirected) } else { Ok(status.as_u16()) }
    }
}

fn trusting() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "certificates that cannot be read");
    }
    roots.add_parsable_certificates(found.certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    versions.expect("ring has ciphers of both versions").with_root_certificates(roots).with_no_client_auth()
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn source<'e>(error: &&'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    (*error).source()
}

/// What an error is in the end, with all its causes: the outermost one says no more than that it was about connecting.
fn fault(error: &(dyn Error + 'static)) -> HttpFault {
    let causes: Vec<&(dyn Error + 'static)> = std::iter::successors(Some(error), source).collect();
    if causes.iter().any(|cause| cause.is::<ForbiddenAddress>()) {
        return HttpFault::Forbidden;
    }
    if causes.iter().any(|cause| cause.is::<LengthLimitError>()) {
        return HttpFault::TooLarge;
    }
    HttpFault::Unreachable(causes.iter().map(ToString::to_string).collect::<Vec<_>>().join(": "))
}

#[derive(Debug, thiserror::Error)]
#[error("the name stands for an address that may not be reached")]
struct ForbiddenAddress;

/// The system's resolver, without the addresses that may not be reached.
#[derive(Debug, Clone)]
struct Resolver {
    system: GaiResolver,
    reach: Reach,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.system.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (asked, reach) = (self.system.call(name), self.reach);
        Box::pin(async move {
            let allowed: Vec<SocketAddr> = asked.await?.filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() { Err(ForbiddenAddress.into()) } else { Ok(allowed.into_iter()) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_asked_by_tls_alone_but_for_this_machine_where_that_is_wanted() {
        let may = |reach, text: &str| Http::new(reach).may_ask(&text.parse().unwrap());
        for (address, public, private) in [
            ("https://login.example.com/x", true, true),
            ("http://login.example.com/x", false, false),
            ("http://127.0.0.1:9000", false, true),
            ("http://[::1]:9000", false, true),
            ("http://localhost:9000", false, true),
            ("http://10.0.0.1", false, false),
            ("https://10.0.0.1", false, true),
            ("https://169.254.169.254/latest", false, false),
            ("https://[fe80::1]/", false, false),
        ] {
            assert_eq!((may(Reach::Public, address), may(Reach::PrivateToo, address)), (public, private), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_is_judged_by_what_it_stands_for() {
        let request = http::Request::get("https://localhost:9/").body(Vec::new()).unwrap();
        let answer = Http::new(Reach::Public).send(request).await;
        assert!(matches!(answer, Err(HttpFault::Forbidden)), "{answer:?}");
    }
}
