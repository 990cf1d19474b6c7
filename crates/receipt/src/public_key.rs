//! The public key of a passkey, as COSE writes it (RFC 9052, section 7; RFC 9053; RFC 8230, section 4).
//!
//! A key has one spelling: the canonical CBOR of CTAP 2.1 (section 8, "Message Encoding"), which WebAuthn demands (level
//! 3, section 6.5.1.1). So the fields stand at fixed places, no reader of CBOR is needed, and the fingerprint of a key is
//! the SHA-256 of its bytes.

use data_encoding::HEXLOWER;
use p256::ecdsa::signature::Verifier as _;
use rsa::{BigUint, RsaPublicKey, pkcs1v15, signature::Verifier as _, traits::PublicKeyParts as _};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// {1: 2 (EC2), 3: -7, -1: 1 (P-256), -2: 32 bytes, -3: 32 bytes}
const ES256_X: &[u8] = &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
const ES256_Y: &[u8] = &[0x22, 0x58, 0x20];
/// {1: 1 (OKP), 3: -8, -1: 6 (Ed25519), -2: 32 bytes}
const ED25519: &[u8] = &[0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20];
/// {1: 3 (RSA), 3: -257, -1: n, as many bytes as the next two say, -2: 65537}
const RS256_N: &[u8] = &[0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20, 0x59];
const RS256_E: &[u8] = &[0x21, 0x43, 0x01, 0x00, 0x01];
/// Bytes of an RSA modulus: shorter ones can be broken, and nobody makes longer ones.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// How a passkey signs, as IANA numbers it ("COSE Algorithms").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

impl Algorithm {
    /// Its number, which the receipt says beside the key.
    pub fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }
}

/// The SHA-256 of a key's bytes, as 64 digits 0 to 9 and a to f: how people name a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or("A fingerprint is 64 digits 0 to 9 and a to f.")
    }
}

/// A public key that can check signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    cose: Vec<u8>,
    math: Math,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Math {
    Es256(p256::ecdsa::VerifyingKey),
    EdDsa(ed25519_dalek::VerifyingKey),
    Rs256(RsaPublicKey),
}

impl PublicKey {
    /// The key of these coordinates. None where they are no point of the curve.
    pub fn es256(x: &[u8; 32], y: &[u8; 32]) -> Option<Self> {
        Self::read(&[ES256_X, x, ES256_Y, y].concat())
    }

    /// None where the bytes are no point of the curve.
    pub fn ed25519(x: &[u8; 32]) -> Option<Self> {
        Self::read(&[ED25519, x].concat())
    }

    /// The key with this modulus (most significant byte first) and the exponent 65537. None where it has fewer than 2048
    /// bits or more than 4096.
    pub fn rs256(n: &[u8]) -> Option<Self> {
        let length = u16::try_from(n.len()).ok()?.to_be_bytes();
        Self::read(&[RS256_N, &length, n, RS256_E].concat())
    }

    /// Reads a `COSE_Key`. None for a key of another kind, in another spelling, or that is no key at all.
    pub fn read(cose: &[u8]) -> Option<Self> {
        let math = None.or_else(|| read_es256(cose)).or_else(|| read_ed25519(cose)).or_else(|| read_rs256(cose))?;
        Some(Self { cose: cose.to_vec(), math })
    }

    /// As COSE writes it.
    pub fn cose(&self) -> &[u8] {
        &self.cose
    }

    pub fn algorithm(&self) -> Algorithm {
        match self.math {
            Math::Es256(_) => Algorithm::Es256,
            Math::EdDsa(_) => Algorithm::EdDsa,
            Math::Rs256(_) => Algorithm::Rs256,
        }
    }

    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Sha256::digest(&self.cose).into())
    }

    /// Whether this key made `signature` over `message`. The form of the signature is WebAuthn's (level 3, section
    /// 6.5.5): ASN.1 DER for ES256.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.math {
            Math::Es256(key) => {
                p256::ecdsa::Signature::from_der(signature).is_ok_and(|one| key.verify(message, &one).is_ok())
            }
            Math::EdDsa(key) => {
                ed25519_dalek::Signature::from_slice(signature).is_ok_and(|one| key.verify(message, &one).is_ok())
            }
            Math::Rs256(key) => {
                let key = pkcs1v15::VerifyingKey::<rsa::sha2::Sha256>::new(key.clone());
                pkcs1v15::Signature::try_from(signature).is_ok_and(|one| key.verify(message, &one).is_ok())
            }
        }
    }
}

fn read_es256(cose: &[u8]) -> Option<Math> {
    let (x, rest) = cose.strip_prefix(ES256_X)?.split_first_chunk::<32>()?;
    let y: &[u8; 32] = rest.strip_prefix(ES256_Y)?.try_into().ok()?;
    // Uncompressed, as SEC 1 (section 2.3.3) writes a point.
    let point = [&[4], x.as_slice(), y].concat();
    p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok().map(Math::Es256)
}

fn read_ed25519(cose: &[u8]) -> Option<Math> {
    let x: &[u8; 32] = cose.strip_prefix(ED25519)?.try_into().ok()?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(x).ok()?;
    // Under such a key one signature fits many messages.
    (!key.is_weak()).then_some(Math::EdDsa(key))
}

fn read_rs256(cose: &[u8]) -> Option<Math> {
    let (length, rest) = cose.strip_prefix(RS256_N)?.split_first_chunk::<2>()?;
    let (n, e) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    let is_whole = RSA_BYTES.contains(&n.len()) && n[0] >= 0x80 && n[n.len() - 1] % 2 == 1 && e == RS256_E;
    if !is_whole {
        return None;
    }
    let key = RsaPublicKey::new(BigUint::from_bytes_be(n), BigUint::from(65537_u32)).ok()?;
    (key.size() == n.len()).then_some(Math::Rs256(key))
}
