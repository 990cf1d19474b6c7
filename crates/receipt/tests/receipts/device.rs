//! Passkeys whose private keys everybody knows.

use countersign_receipt::PublicKey;
use data_encoding::HEXLOWER;
use ed25519_dalek::Signer as _;
use rsa::{
    BigUint, RsaPrivateKey, pkcs1v15,
    signature::{SignatureEncoding as _, Signer as _},
    traits::PublicKeyParts as _,
};

const P: &str = "eb5f132ae3b85a8dd6122e4ec311fb5f78414b309b2d27c2654efd04505fe3686e0ed17cde76251beb221bfe612b6d70\
    8612a7443b25ae5b62961f0c41b53559bca125dbe14986e3bc5017543c243e21f23ae609dab9a9fb1ccd5c4dcbd693e8476c4edbfa15cf84\
    77668f79459e7ed09274a516fe45f482d5b8848bb8e0981d";
const Q: &str = "b732757e8812fb2a0b56dfafd98d38069f709f18db4b8f8c1f2023a8befdc8b1e619337414287f86978fcb071d1ddad6\
    dcca9163b5f482daf7191802956f2be9afb35e382fa3f0d6c130f0244f5f04fea68f86580081f5e23b004b308d8f004b1a7efb7bc2cdf851\
    4ffd1067b17d76c924d1f7449c643b5d026424042c4866b9";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    Es256,
    /// As [`Device::Es256`], with the other of the two signatures that fit (s and n - s).
    Es256High,
    EdDsa,
    Rs256,
}

impl Device {
    pub fn public_key(self) -> PublicKey {
        match self {
            Self::Es256 | Self::Es256High => {
                let point = es256().verifying_key().to_sec1_point(false);
                let (x, y) = (point.x().unwrap(), point.y().unwrap());
                PublicKey::es256(x.as_ref(), y.as_ref()).unwrap()
            }
            Self::EdDsa => PublicKey::ed25519(ed25519().verifying_key().as_bytes()).unwrap(),
            Self::Rs256 => PublicKey::rs256(&rs256().n().to_bytes_be()).unwrap(),
        }
    }

    /// Always the same for the same message.
    pub fn sign(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256 => low(message).to_der().as_bytes().to_vec(),
            Self::Es256High => {
                let (r, s) = low(message).split_scalars();
                p256::ecdsa::Signature::from_scalars(r, -s).unwrap().to_der().as_bytes().to_vec()
            }
            Self::EdDsa => ed25519().sign(message).to_bytes().to_vec(),
            Self::Rs256 => pkcs1v15::SigningKey::<rsa::sha2::Sha256>::new(rs256()).sign(message).to_vec(),
        }
    }
}

fn low(message: &[u8]) -> p256::ecdsa::Signature {
    let signature: p256::ecdsa::Signature = es256().sign(message);
    signature.normalize_s()
}

fn es256() -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap()
}

fn ed25519() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[8; 32])
}

fn rs256() -> RsaPrivateKey {
    let number = |digits: &str| BigUint::from_bytes_be(&HEXLOWER.decode(digits.as_bytes()).unwrap());
    RsaPrivateKey::from_p_q(number(P), number(Q), BigUint::from(65537_u32)).unwrap()
}
