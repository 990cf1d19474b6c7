//! Tokens in headers.

use axum::http::{HeaderMap, header};

/// The token of `Authorization: Bearer …` (RFC 6750, section 2.1). The word's case does not matter.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (kind, token) = value.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
