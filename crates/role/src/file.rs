//! A role file that has been read: what it says, where it says it, and its hash.

use crate::{place::Places, role::Role};
use data_encoding::HEXLOWER;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;

/// The SHA-256 of a file's bytes: what an approval names. Two files that say the same in other bytes are two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleHash(pub [u8; 32]);

impl RoleHash {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for RoleHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl Serialize for RoleHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A role file without faults. Only [`crate::read()`] makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleFile {
    pub hash: RoleHash,
    /// The file itself, byte for byte.
    pub text: String,
    pub role: Role,
    /// Where each field stands.
    pub places: Places,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_bytes() {
        // From FIPS 180-2: SHA-256 of “abc”.
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(RoleHash::of(b"abc").to_string(), hash);
    }
}
