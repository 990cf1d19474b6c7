//! What a receipt proves.

use crate::{Fingerprint, Receipt, Refusal, Seal, Trusted};
use countersign_domain::decision::Sealed;
use std::fmt;

/// What a receipt comes to that is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Countersigned(Countersigned),
    Unsigned(Unsigned),
}

/// A key signed the decision as it stands here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countersigned {
    pub decision: Sealed,
    pub key: Fingerprint,
    pub origin: String,
    /// Whether the verifier named this key; false where it named none.
    pub is_named: bool,
    /// How many decisions the signature covers.
    pub covers: u64,
}

/// Nobody signed it: the file is what somebody wrote, and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    pub decision: Sealed,
    /// As the receipt tells it.
    pub reason: String,
}

/// Checks a receipt. Nothing outside of `receipt` and `trusted` is looked at.
pub fn verify(receipt: &[u8], trusted: &Trusted) -> Result<Verdict, Refusal> {
    let Receipt { decision, seal } = Receipt::read(receipt)?;
    match (seal, decision.decision().signed) {
        (Seal::Unsigned(_), true) => Err(Refusal::SignatureMissing),
        (Seal::Passkey(..), false) => Err(Refusal::SignatureUncalledFor),
        (Seal::Unsigned(reason), false) => Ok(Verdict::Unsigned(Unsigned { decision, reason })),
        (Seal::Passkey(assertion, place), true) => {
            let hash = decision.sha256();
            let challenge = match &place {
                Some(place) => place.challenge(&hash).ok_or(Refusal::Place)?,
                None => hash,
            };
            assertion.check(&challenge)?;
            if !trusted.origins.is_empty() && !trusted.origins.contains(&assertion.origin) {
                return Err(Refusal::OtherOrigin(assertion.origin));
            }
            let key = assertion.key.fingerprint();
            let is_named = trusted.keys.contains(&key);
            if !trusted.keys.is_empty() && !is_named {
                return Err(Refusal::OtherKey(key));
            }
            let covers = place.map_or(1, |place| place.size);
            Ok(Verdict::Countersigned(Countersigned { decision, key, origin: assertion.origin, is_named, covers }))
        }
    }
}

impl Verdict {
    pub fn decision(&self) -> &Sealed {
        match self {
            Self::Countersigned(one) => &one.decision,
            Self::Unsigned(one) => &one.decision,
        }
    }
}

/// In sentences for whoever was handed the receipt.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(_) => f.write_str(
                "Not signed. The receipt says so itself, and proves nothing: anybody can write such a file.",
            ),
            Self::Countersigned(one) => {
                write!(f, "Countersigned on {}", one.origin)?;
                if one.covers > 1 {
                    write!(f, ", with {} other decisions by one touch", one.covers - 1)?;
                }
                write!(f, ". Nothing of it was changed since. The key is {}", one.key)?;
                f.write_str(if one.is_named {
                    ", one of those that you named."
                } else {
                    ". Whose key that is, you must know from elsewhere."
                })
            }
        }
    }
}
