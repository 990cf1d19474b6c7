//! Why a receipt proves nothing.

use crate::{Fingerprint, MOST_BYTES};
use countersign_domain::{canonical_json::NotCanonical, decision::DecisionFault};

/// In a sentence for whoever was handed the receipt. In the order in which [`crate::verify()`] finds it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("It is longer than {MOST_BYTES} bytes: no receipt is.")]
    Size,
    #[error("It is not a receipt as it was written: {0}")]
    Json(NotCanonical),
    #[error("It is not a receipt: {0}.")]
    Form(String),
    #[error("The decision contradicts itself: {0}")]
    Decision(DecisionFault),
    #[error("The decision says that a passkey was to sign it, but no signature came with it.")]
    SignatureMissing,
    #[error("The decision says that nobody was to sign it, but a signature came with it.")]
    SignatureUncalledFor,
    #[error("The public key is none that a receipt may have.")]
    Key,
    #[error("In a batch of that size there is no such place.")]
    Place,
    #[error("What the browser signed cannot be read.")]
    ClientData,
    #[error("What was signed is no WebAuthn assertion.")]
    Type,
    #[error("What was signed is another decision, or this one was changed since.")]
    Challenge,
    #[error("It was signed on a page of another origin than the receipt says.")]
    Origin,
    #[error("It was signed inside a page of somebody else.")]
    CrossOrigin,
    #[error("The origin does not belong to the name that the passkey is bound to.")]
    Domain,
    #[error("What the authenticator signed cannot be read.")]
    AuthenticatorData,
    #[error("The authenticator signed for another name than the receipt says.")]
    RelyingParty,
    #[error("The authenticator says that nobody was there.")]
    NobodyPresent,
    #[error("The authenticator did not verify who was there.")]
    NobodyVerified,
    #[error("The authenticator contradicts itself: a backup of a key that cannot be backed up.")]
    Backup,
    #[error("The signature is not the one of this key over these bytes.")]
    Signature,
    #[error("It was signed on {0}, which is none of the origins that you named.")]
    OtherOrigin(String),
    #[error("It was signed by the key {0}, which is none of those that you named.")]
    OtherKey(Fingerprint),
    #[error("It does not follow the receipt before it.")]
    Chain,
}

impl Refusal {
    /// The word that every verifier says for it (`docs/receipts.md`).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Json(_) => "json",
            Self::Form(_) => "form",
            Self::Decision(_) => "decision",
            Self::SignatureMissing => "signature_missing",
            Self::SignatureUncalledFor => "signature_uncalled_for",
            Self::Key => "key",
            Self::Place => "place",
            Self::ClientData => "client_data",
            Self::Type => "type",
            Self::Challenge => "challenge",
            Self::Origin => "origin",
            Self::CrossOrigin => "cross_origin",
            Self::Domain => "domain",
            Self::AuthenticatorData => "authenticator_data",
            Self::RelyingParty => "relying_party",
            Self::NobodyPresent => "nobody_present",
            Self::NobodyVerified => "nobody_verified",
            Self::Backup => "backup",
            Self::Signature => "signature",
            Self::OtherOrigin(_) => "other_origin",
            Self::OtherKey(_) => "other_key",
            Self::Chain => "chain",
        }
    }
}
