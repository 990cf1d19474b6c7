//! Which ID tokens count (OpenID Connect Core 1.0, section 3.1.3.7), and what they say.

use chrono::{DateTime, TimeDelta, Utc};
use countersign_domain::{Millis, sso::SsoRefusal};
use countersign_service::ports::Vouched;
use data_encoding::BASE64URL_NOPAD;
use openidconnect::{
    ClaimsVerificationError, Nonce, SignatureVerificationError,
    core::{CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJwsSigningAlgorithm as Algorithm},
};
use serde_json::{Map, Value};

/// Signatures by a key that the provider alone has. Never `none`; never the HS family, whose key the client knows too.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];

/// By how much the provider's clock may differ from ours.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// What a token says that counts, and all of its claims.
pub fn check<'t>(
    token: &'t CoreIdToken,
    verifier: CoreIdTokenVerifier<'_>,
    client_id: &str,
    nonce: &str,
    now: Millis,
) -> Result<(&'t CoreIdTokenClaims, Map<String, Value>), SsoRefusal> {
    let now = DateTime::from_timestamp_millis(now.0).unwrap_or_default();
    let verifier = verifier.set_allowed_algs(ALGORITHMS).set_time_fn(move || now - LEEWAY);
    let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|error| refusal(&error))?;
    if claims.authorized_party().is_some_and(|party| party.as_str() != client_id) {
        return Err(SsoRefusal::Audience);
    }
    let all = payload(token).ok_or(SsoRefusal::NoIdToken)?;
    let not_before = all.get("nbf").map(|value| seconds(value).ok_or(SsoRefusal::NoIdToken)).transpose()?;
    if claims.issue_time() > now + LEEWAY || not_before.is_some_and(|from| from > now + LEEWAY) {
        return Err(SsoRefusal::NotYetValid);
    }
    Ok((claims, all))
}

fn refusal(error: &ClaimsVerificationError) -> SsoRefusal {
    use SignatureVerificationError as Wrong;
    match error {
        ClaimsVerificationError::Expired(_) => SsoRefusal::Expired,
        ClaimsVerificationError::InvalidAudience(_) => SsoRefusal::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => SsoRefusal::OtherIssuer,
        ClaimsVerificationError::InvalidNonce(_) => SsoRefusal::Nonce,
        ClaimsVerificationError::SignatureVerification(Wrong::NoMatchingKey) => SsoRefusal::UnknownKey,
        ClaimsVerificationError::SignatureVerification(
            Wrong::DisallowedAlg(_) | Wrong::NoSignature | Wrong::UnsupportedAlg(_),
        )
        | ClaimsVerificationError::Unsupported(_) => SsoRefusal::Algorithm,
        _ => SsoRefusal::Signature,
    }
}

/// The claims of a token whose signature was checked: with those that the protocol does not name.
fn payload(token: &CoreIdToken) -> Option<Map<String, Value>> {
    let text = token.to_string();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(text.split('.').nth(1)?.as_bytes()).ok()?).ok()
}

/// A `NumericDate` (RFC 7519, section 2).
#[expect(
    clippy::cast_possible_truncation,
    reason = "what exceeds an i64 is in no calendar: it becomes the last moment of one"
)]
fn seconds(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(value.as_f64()? as i64, 0)
}

/// What the claims say of the person.
pub fn vouched(claims: &CoreIdTokenClaims, all: &Map<String, Value>, group_claim: &str) -> Vouched {
    Vouched {
        subject: claims.subject().to_string(),
        email: claims.email().map(|email| email.to_string()),
        email_verified: claims.email_verified() == Some(true),
        name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
        groups: groups(all, group_claim),
        proven_at: claims.auth_time().map(|at| Millis(at.timestamp_millis())),
    }
}

/// The texts of a claim that is a list, or one text. A claim that is absent, or neither, says nothing: that is not to
/// say that there are none.
pub fn groups(all: &Map<String, Value>, group_claim: &str) -> Option<Vec<String>> {
    match all.get(group_claim)? {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(several) => Some(several.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        _ => None,
    }
}
