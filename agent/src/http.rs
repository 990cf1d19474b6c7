//! JSON over HTTP, and nothing more of it than the Workspace API needs.

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header, response::Parts};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use std::time::Duration;

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer that is read.
const MOST_BYTES: usize = 1024 * 1024;

/// Connections to one console, kept open between requests.
#[derive(Debug, Clone)]
pub(crate) enum Http {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Tls(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

/// Why there is no answer. The request may have been carried out all the same.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoAnswer(String);

/// With all causes: the outermost one says no more than that it was about connecting.
fn no_answer(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> NoAnswer {
    let error = error.into();
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    NoAnswer(causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}")))
}

impl Http {
    /// For a console at `url`, `http` or `https`; for the latter the machine's own certificates are trusted.
    pub fn new(url: &Uri) -> Result<Self, String> {
        let builder = Client::builder(TokioExecutor::new());
        match url.scheme_str() {
            Some("http") if url.host().is_some() => Ok(Self::Plain(builder.build(HttpConnector::new()))),
            Some("https") if url.host().is_some() => {
                let provider = async_nats::rustls::crypto::ring::default_provider();
                let roots = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider);
                let connector = roots.map_err(|error| error.to_string())?.https_only().enable_http1().build();
                Ok(Self::Tls(builder.build(connector)))
            }
            _ => Err("it reads like https://console.example.com".to_owned()),
        }
    }

    /// Posts a JSON text; answers the head and the body, whatever the status.
    pub async fn post(&self, url: &str, token: Option<&str>, body: String) -> Result<(Parts, Bytes), NoAnswer> {
        let mut request = Request::post(url).header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Full::from(body)).map_err(no_answer)?;
        let answered = async {
            let response = match self {
                Self::Plain(client) => client.request(request).await,
                Self::Tls(client) => client.request(request).await,
            };
            let (parts, body) = response.map_err(no_answer)?.into_parts();
            let body = Limited::new(body, MOST_BYTES).collect().await.map_err(no_answer)?;
            Ok((parts, body.to_bytes()))
        };
        tokio::time::timeout(PATIENCE, answered).await.map_err(|_| NoAnswer("it did not answer in time".to_owned()))?
    }
}

/// How long the answer asks to wait.
pub(crate) fn retry_after(parts: &Parts) -> Option<Duration> {
    let seconds = parts.headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Whether the server could not do it now and may later.
pub(crate) fn is_away(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::REQUEST_TIMEOUT
}
