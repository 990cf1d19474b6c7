//! The decision as it is signed: all that a person decided on and what they said, in one spelling.
//!
//! Its SHA-256 is the challenge of a WebAuthn assertion (of many decisions at once: [`crate::merkle`]), so whoever has
//! the decision, the assertion and the key can tell whether a byte of it was changed. `docs/receipts.md` says all of
//! it for those who write another verifier.

mod subject;

pub use subject::{Subject, SubjectKind};

use crate::{
    ArtifactHash, Millis, PersonId, TenantId,
    canonical_json::{CanonicalJson, NotCanonical},
    journal::Hash,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of the form.
pub const VERSION: u8 = 1;

/// What is signed. Every field is always there: what is not known is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// [`VERSION`].
    pub v: u8,
    pub tenant: TenantId,
    /// Who decides.
    pub decider: PersonId,
    /// When, by the server's clock.
    pub at_ms: Millis,
    /// What is decided on, as it was frozen.
    pub subject: Subject,
    pub choice: Choice,
    /// Why; may be empty.
    pub rationale: String,
    /// What the decider expects to come of it; may be empty.
    pub prediction: String,
    /// When to look whether it came.
    pub check_at_ms: Option<Millis>,
    /// The artifacts that the decider was shown: for a brief those of its text, in their order.
    pub evidence: Vec<ArtifactHash>,
    /// The version of the policy by which this person may decide this.
    pub policy: String,
    /// SHA-256 of the tenant's last decision that counted when this one was made ready. None where there was none.
    pub previous: Option<ArtifactHash>,
    /// The journal's last entry when the decision was made ready.
    pub journal: JournalHead,
    /// Whether a passkey is to sign it: a signed decision cannot be passed off as an unsigned one, nor the other way.
    pub signed: bool,
    /// Random, so that nobody can have it signed before it is asked for (WebAuthn level 3, section 13.4.3).
    pub nonce: Nonce,
}

/// How far the journal had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalHead {
    /// The entry's number; 0 where there is none.
    pub number: u64,
    /// The hash that it is chained with.
    pub sha256: ArtifactHash,
}

/// 16 random bytes, as 32 digits 0 to 9 and a to f.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nonce(pub [u8; 16]);

impl TryFrom<String> for Nonce {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).map_err(|_| "a nonce is hexadecimal digits")?;
        bytes.try_into().map(Self).map_err(|_| "a nonce has 32 digits")
    }
}

impl From<Nonce> for String {
    fn from(nonce: Nonce) -> Self {
        data_encoding::HEXLOWER.encode(&nonce.0)
    }
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case", deny_unknown_fields)]
pub enum Choice {
    /// An option of the brief, by its key.
    Option(String),
    /// An answer to the brief in the decider's own words.
    Own(String),
    /// What was reviewed may run.
    Approved(()),
    /// It may not; or the brief is not to be decided at all.
    Rejected(()),
    /// What was approved may run no longer.
    Revoked(()),
}

/// Why a decision cannot be signed, or what was read is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionFault {
    #[error(transparent)]
    Form(#[from] NotCanonical),
    #[error("It is no decision of the form {VERSION}: {0}.")]
    Fields(String),
    #[error("The text of the brief has another hash than the decision says.")]
    TextHash,
    #[error("An item of the brief's {0} has no {1}.")]
    Lacks(&'static str, &'static str),
    #[error("The brief has no option {0:?}.")]
    NoSuchOption(String),
    #[error("Of this kind of subject, that cannot be said.")]
    Choice,
    #[error("The decision lists other evidence than the brief.")]
    Evidence,
}

/// A decision that is whole, with its canonical bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    decision: Decision,
    canonical: Vec<u8>,
}

impl Decision {
    /// Checks that the parts agree, and writes them down.
    pub fn seal(self) -> Result<Sealed, DecisionFault> {
        if self.v != VERSION {
            return Err(DecisionFault::Fields(format!("its version is {}", self.v)));
        }
        self.subject.check(&self.choice, &self.evidence)?;
        let canonical = CanonicalJson::of(&self)?.to_bytes()?;
        Ok(Sealed { decision: self, canonical })
    }
}

impl Sealed {
    /// Reads a decision from JSON. Nothing may be left out, added, or said in another way than [`Decision::seal`] says
    /// it.
    pub fn read(json: &CanonicalJson) -> Result<Self, DecisionFault> {
        let fields = |error: serde_json::Error| DecisionFault::Fields(error.to_string());
        let decision: Decision = serde_json::from_value(serde_json::to_value(json).map_err(fields)?).map_err(fields)?;
        let sealed = decision.seal()?;
        if sealed.canonical == json.to_bytes()? { Ok(sealed) } else { Err(NotCanonical::Spelling.into()) }
    }

    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The bytes that [`Sealed::sha256`] is of.
    pub fn canonical(&self) -> &[u8] {
        &self.canonical
    }

    /// By which the next decision names this one; the challenge of a passkey that signs this one alone; and what a
    /// [`crate::merkle::Batch`] is made of.
    pub fn sha256(&self) -> Hash {
        Sha256::digest(&self.canonical).into()
    }
}

#[cfg(test)]
mod tests;
