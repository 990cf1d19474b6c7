//! Changes come from the console's own pages alone.
//!
//! [`CsrfLayer`] refuses what a browser says comes from elsewhere (Fetch metadata, and `Origin` beside `Host`;
//! OWASP ASVS 5.0, 3.5.1). A name that its owner points at this machine passes there, since both headers then
//! say that name (DNS rebinding). So an `Origin` counts only where its host is one of ours: the public one, or
//! one that nobody can point elsewhere.

use super::AppState;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::net::IpAddr;
use tower_http::csrf::{CsrfLayer, ProtectionError};

const ELSEWHERE: &str =
    "This was sent by another site, so nothing was done. Open the console itself, and try again there.";
const NAMELESS: &str = "The console does not know itself by this name, so nothing was done. Use the address that it printed when it \
                        started, or start it with --public-url and the address in your browser.";

/// Refuses what other sites send. A proxy may write another `Host`: the public address is believed by itself.
pub fn csrf(own_url: &str) -> CsrfLayer<impl Fn(ProtectionError) -> Response + Clone + use<>> {
    let layer = CsrfLayer::new();
    // One that cannot be an origin matches none.
    let layer = layer.clone().add_trusted_origin(own_url).unwrap_or(layer);
    layer.with_rejection_response(|_| (StatusCode::FORBIDDEN, ELSEWHERE).into_response())
}

/// Refuses what pages under names that are not ours send.
pub async fn known(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_known(request.headers(), &state.own_url) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, NAMELESS).into_response()
}

/// Programs send no `Origin`; they have no cookies of somebody else to misuse either.
fn is_known(headers: &HeaderMap, own_url: &str) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    origins.all(|origin| {
        let host = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok()).and_then(|uri| host_of(&uri));
        let own = own_url.parse::<Uri>().ok().and_then(|uri| host_of(&uri));
        host.is_some_and(|host| host == "localhost" || host.parse::<IpAddr>().is_ok() || Some(host) == own)
    })
}

/// In small letters, an IPv6 address without its brackets.
fn host_of(uri: &Uri) -> Option<String> {
    Some(uri.host()?.trim_matches(['[', ']']).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_counts_where_nobody_else_can_have_its_name() {
        let known = |origin: &str| {
            let headers = HeaderMap::from_iter([(header::ORIGIN, origin.parse().unwrap())]);
            is_known(&headers, "https://console.example.com")
        };
        for own in
            ["https://console.example.com", "http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080"]
        {
            assert!(known(own), "{own}");
        }
        for other in
            ["https://evil.example", "http://localhost.evil.example", "null", "https://console.example.com.evil", ""]
        {
            assert!(!known(other), "{other}");
        }
        assert!(is_known(&HeaderMap::new(), "http://127.0.0.1:8080"));
    }
}
