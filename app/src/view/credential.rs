//! Credentials as faces.

use super::face::{Face, Tone};
use countersign_domain::{
    Millis,
    reading::{CredentialRow, CredentialState},
};

const NONE: Face = Face::new("No credential", "key-round", Tone::Quiet);
const LIVE: Face = Face::new("Live", "check", Tone::Ok);
const EXPIRED: Face = Face::new("Expired", "hourglass", Tone::Warn);
const REVOKED: Face = Face::new("Revoked", "ban", Tone::Bad);

pub fn face(state: &CredentialState) -> Face {
    match state {
        CredentialState::None => NONE,
        CredentialState::Live { .. } => LIVE,
        CredentialState::Expired { .. } => EXPIRED,
        CredentialState::Revoked { .. } => REVOKED,
    }
}

/// The moment that matters about it, with the word before it, if it needs one.
pub fn moment(state: &CredentialState) -> Option<(&'static str, Millis)> {
    match state {
        CredentialState::None => None,
        CredentialState::Live { expires_at, .. } => Some(("ends", *expires_at)),
        CredentialState::Expired { expired_at } => Some(("", *expired_at)),
        CredentialState::Revoked { revoked_at } => Some(("", *revoked_at)),
    }
}

/// The face of one credential at `now`.
pub fn row_face(row: &CredentialRow, now: Millis) -> Face {
    if row.revoked_at.is_some() {
        REVOKED
    } else if now >= row.expires_at {
        EXPIRED
    } else {
        LIVE
    }
}
