//! Carrying webhooks out of the house: over TLS, no redirects, little patience, and only where [`Reach`] allows.

use async_trait::async_trait;
use axum::http::{HeaderValue, Request, Uri};
use countersign_oidc::{Http, HttpFault, Reach};
use countersign_service::{
    ExposeSecret,
    ports::{PostFault, WebhookPost},
};
use secrecy::SecretString;
use std::time::Duration;

/// A receiver may take so long to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// [`WebhookPost`] over HTTP.
#[derive(Debug, Clone)]
pub struct HttpPost {
    http: Http,
}

impl HttpPost {
    pub fn new(reach: Reach) -> Self {
        Self { http: Http::new(reach) }
    }
}

#[async_trait]
impl WebhookPost for HttpPost {
    fn host_of(&self, url: &str) -> Option<String> {
        let uri: Uri = url.parse().ok().filter(|uri| self.http.may_ask(uri))?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
        Some(authority.as_str().to_owned())
    }

    async fn post(
        &self,
        url: &SecretString,
        headers: Vec<(&'static str, String)>,
        body: String,
    ) -> Result<u16, PostFault> {
        let failed = |why: &str| PostFault::Failed(why.to_owned());
        let mut request =
            Request::post(url.expose_secret()).body(body.into_bytes()).map_err(|_| failed("It is no address."))?;
        for (name, value) in headers {
            let value = HeaderValue::try_from(value).map_err(|_| failed("It cannot be written as a header."))?;
            request.headers_mut().insert(name, value);
        }
        match tokio::time::timeout(PATIENCE, self.http.status(request)).await {
            Err(_) => Err(failed("Nobody answered in time.")),
            Ok(Ok(status)) => Ok(status),
            Ok(Err(HttpFault::Forbidden)) => Err(PostFault::Forbidden),
            Ok(Err(HttpFault::Redirected)) => Err(failed("The answer is a redirect, which is not followed.")),
            // What went wrong may repeat the address, and there may be a secret in that.
            Ok(Err(HttpFault::TooLarge | HttpFault::Unreachable(_))) => Err(failed("No connection could be made.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_sent_to_is_a_public_address_by_tls_unless_private_ones_are_allowed() {
        let host = |reach, url: &str| HttpPost::new(reach).host_of(url);
        assert_eq!(host(Reach::Public, "https://hooks.example.com/x?y=z").as_deref(), Some("hooks.example.com"));
        for refused in [
            "http://hooks.example.com/x",
            "https://127.0.0.1/x",
            "https://10.0.0.1/x",
            "https://[::1]/x",
            "https://169.254.169.254/latest/meta-data",
            "https://user:password@hooks.example.com/",
            "ftp://hooks.example.com/",
            "/x",
            "",
        ] {
            assert_eq!(host(Reach::Public, refused), None, "{refused}");
        }
        assert_eq!(host(Reach::PrivateToo, "http://127.0.0.1:9/x").as_deref(), Some("127.0.0.1:9"));
        assert_eq!(host(Reach::PrivateToo, "https://169.254.169.254/"), None);
    }

    #[tokio::test]
    async fn a_name_that_stands_for_a_private_address_is_not_sent_to() {
        let sent = HttpPost::new(Reach::Public).post(&"https://localhost:9/".into(), Vec::new(), String::new()).await;
        assert_eq!(sent, Err(PostFault::Forbidden));
    }
}
