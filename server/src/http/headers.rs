//! Headers that every answer carries.

use super::{AppState, problem::AWAY_AFTER};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};

/// For everything that is no page: nothing may run in it. Pages set their own, with a nonce.
const INERT: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// The policy of a page whose scripts carry `nonce`. Of what is entered in a private one, no script and no form may send
/// anything, not even here.
pub fn page_policy(nonce: &str, is_private: bool) -> String {
    let (run, to) = if is_private { ("", "'none'") } else { (" 'wasm-unsafe-eval'", "'self'") };
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'{run}; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data:; font-src 'self'; connect-src {to}; manifest-src 'self'; form-action {to}; base-uri 'none'; \
         object-src 'none'; frame-ancestors 'none'"
    )
}

/// Adds what is not there yet.
pub async fn protect(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let away = response.status() == StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    let mut add = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    add(header::CONTENT_SECURITY_POLICY, INERT);
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Posts without JavaScript return to the page they came from.
    add(header::REFERRER_POLICY, "same-origin");
    add(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    add(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    add(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    // What a person sees must not stay in a cache that the next person of the machine can read.
    add(header::CACHE_CONTROL, "no-store");
    if state.secure {
        add(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    if away && !headers.contains_key(header::RETRY_AFTER) {
        headers.insert(header::RETRY_AFTER, AWAY_AFTER.into());
    }
    response
}
