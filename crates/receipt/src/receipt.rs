//! The file: a decision, and what seals it.

use crate::{Assertion, PublicKey, Refusal, base64url::Base64Url};
use countersign_domain::{
    ArtifactHash,
    canonical_json::{CanonicalJson, NotCanonical},
    decision::{DecisionFault, Sealed},
    merkle::Place,
};
use serde::{Deserialize, Serialize};

/// No receipt is longer: a brief travels in one message of the bus.
pub const MOST_BYTES: usize = 1024 * 1024;
/// The version of the form.
const VERSION: u8 = 1;

/// A decision, and what seals it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub decision: Sealed,
    pub seal: Seal,
}

/// How a decision was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seal {
    /// By a passkey: this decision alone, or with others in a batch.
    Passkey(Box<Assertion>, Option<Place>),
    /// By nobody, and why.
    Unsigned(String),
}

/// As it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    v: u8,
    decision: CanonicalJson,
    seal: WrittenSeal,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum WrittenSeal {
    Passkey {
        algorithm: i64,
        public_key: Base64Url,
        rp_id: String,
        origin: String,
        authenticator_data: Base64Url,
        client_data_json: Base64Url,
        signature: Base64Url,
        batch: Option<WrittenPlace>,
    },
    Unsigned {
        reason: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenPlace {
    index: u64,
    size: u64,
    path: Vec<ArtifactHash>,
}

impl Receipt {
    /// Canonical JSON, without a line feed at its end. Fails only where a place in a batch has a number beyond what JSON
    /// counts exactly.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        let decision = CanonicalJson::parse_canonical(self.decision.canonical())?;
        let seal = WrittenSeal::of(&self.seal);
        CanonicalJson::of(&Written { v: VERSION, decision, seal })?.to_bytes()
    }

    /// Reads a receipt as [`Receipt::to_bytes`] writes it, with blanks around it at most. Whether it proves anything,
    /// [`crate::verify()`] finds out.
    pub fn read(text: &[u8]) -> Result<Self, Refusal> {
        if text.len() > MOST_BYTES {
            return Err(Refusal::Size);
        }
        let json = CanonicalJson::parse_canonical(without_blanks(text)).map_err(Refusal::Json)?;
        let form = |error: serde_json::Error| Refusal::Form(error.to_string());
        let value = serde_json::to_value(&json).map_err(form)?;
        let Written { v, decision, seal } = serde_json::from_value(value).map_err(form)?;
        if v != VERSION {
            return Err(Refusal::Form(format!("its version is {v}, and only {VERSION} is known")));
        }
        let decision = Sealed::read(&decision).map_err(|fault| match fault {
            DecisionFault::Form(_) | DecisionFault::Fields(_) => Refusal::Form(fault.to_string()),
            fault => Refusal::Decision(fault),
        })?;
        let receipt = Self { decision, seal: seal.read()? };
        // What may be left out when JSON is read must not be here.
        let again = receipt.to_bytes().map_err(Refusal::Json)?;
        if again == without_blanks(text) { Ok(receipt) } else { Err(Refusal::Form("a field is missing".to_owned())) }
    }
}

impl WrittenSeal {
    pub(crate) fn of(seal: &Seal) -> Self {
        match seal {
            Seal::Unsigned(reason) => Self::Unsigned { reason: reason.clone() },
            Seal::Passkey(assertion, place) => Self::Passkey {
                algorithm: assertion.key.algorithm().number(),
                public_key: Base64Url(assertion.key.cose().to_vec()),
                rp_id: assertion.rp_id.clone(),
                origin: assertion.origin.clone(),
                authenticator_data: Base64Url(assertion.authenticator_data.clone()),
                client_data_json: Base64Url(assertion.client_data_json.clone()),
                signature: Base64Url(assertion.signature.clone()),
                batch: place.as_ref().map(|place| WrittenPlace {
                    index: place.index,
                    size: place.size,
                    path: place.path.iter().copied().map(ArtifactHash).collect(),
                }),
            },
        }
    }

    pub(crate) fn read(self) -> Result<Seal, Refusal> {
        match self {
            Self::Unsigned { reason } => Ok(Seal::Unsigned(reason)),
            Self::Passkey {
                algorithm,
                public_key,
                rp_id,
                origin,
                authenticator_data: Base64Url(authenticator_data),
                client_data_json: Base64Url(client_data_json),
                signature: Base64Url(signature),
                batch,
            } => {
                let key = PublicKey::read(&public_key.0).ok_or(Refusal::Key)?;
                if key.algorithm().number() != algorithm {
                    return Err(Refusal::Key);
                }
                let place = batch.map(|WrittenPlace { index, size, path }| Place {
                    index,
                    size,
                    path: path.into_iter().map(|ArtifactHash(hash)| hash).collect(),
                });
                let assertion = Assertion { key, rp_id, origin, authenticator_data, client_data_json, signature };
                Ok(Seal::Passkey(Box::new(assertion), place))
            }
        }
    }
}

/// Without what JSON calls white space (RFC 8259, section 2) around it: editors end files with a line feed.
fn without_blanks(text: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let start = text.iter().position(|byte| !is_blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}
