//! A version of a brief in its one spelling, and the hash by which it is decided.

use crate::brief::Brief;
use countersign_domain::{
    ArtifactHash,
    canonical_json::{CanonicalJson, NotCanonical},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The SHA-256 of a frozen brief: what a decision names, and is void for any other.
pub type BriefHash = ArtifactHash;

/// The version of the form.
pub const VERSION: u8 = 1;

/// What is hashed: one object with the fields of [`Brief`] and `v`, in canonical JSON
/// ([`countersign_domain::canonical_json`]). Money and confidence are whole millionths, the deadline is milliseconds
/// since 1970, what is not said is null. Two payloads that say the same have the same hash, in whatever order, zone
/// and spelling they said it.
#[derive(Debug, Serialize)]
struct Form<B> {
    #[serde(flatten)]
    brief: B,
    v: u8,
}

/// A version that cannot change any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    json: CanonicalJson,
    bytes: Vec<u8>,
    sha256: BriefHash,
}

/// Why bytes are no frozen brief.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFrozen {
    #[error(transparent)]
    Spelling(#[from] NotCanonical),
    #[error("It is no brief of the form {VERSION}: {0}.")]
    Fields(String),
}

impl Brief {
    /// Fails only for values that [`crate::lint()`] lets nobody have.
    pub fn freeze(&self) -> Result<Frozen, NotFrozen> {
        Frozen::of(CanonicalJson::of(&Form { brief: self, v: VERSION })?)
    }
}

impl Frozen {
    fn of(json: CanonicalJson) -> Result<Self, NotFrozen> {
        let bytes = json.to_bytes()?;
        let sha256 = ArtifactHash(Sha256::digest(&bytes).into());
        Ok(Self { json, bytes, sha256 })
    }

    /// Reads a frozen brief; any other spelling is refused.
    pub fn read(bytes: &[u8]) -> Result<Self, NotFrozen> {
        let frozen = Self::of(CanonicalJson::parse_canonical(bytes)?)?;
        frozen.thaw()?;
        Ok(frozen)
    }

    /// The brief that was frozen.
    pub fn thaw(&self) -> Result<Brief, NotFrozen> {
        let fields = |error: serde_json::Error| NotFrozen::Fields(error.to_string());
        let mut value = serde_json::to_value(&self.json).map_err(fields)?;
        let version = value.as_object_mut().and_then(|object| object.remove("v"));
        if version != Some(VERSION.into()) {
            return Err(NotFrozen::Fields("its version is another one".to_owned()));
        }
        serde_json::from_value(value).map_err(fields)
    }

    pub fn json(&self) -> &CanonicalJson {
        &self.json
    }

    /// What [`Self::sha256`] is of.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn sha256(&self) -> BriefHash {
        self.sha256
    }
}
