//! Secrets at rest: sealed with XChaCha20-Poly1305 under a key that is not in the database.

use anyhow::{Context, bail};
use async_trait::async_trait;
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use countersign_service::ports::{Entropy, Seal, StoreError, Vault};
use countersign_store::PgBusKeys;
use data_encoding::HEXLOWER_PERMISSIVE;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use std::{io::Write, os::unix::fs::OpenOptionsExt, path::Path};

/// Bytes of the nonce that stands before each sealed text.
const NONCE: usize = 24;

/// The key that seals all others.
pub type SealingKey = SecretBox<[u8; 32]>;

/// [`Seal`] with one key.
#[derive(Clone)]
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    nonce: fn() -> [u8; 32],
}

/// [`Vault`] over Postgres.
pub struct SealedVault {
    rows: PgBusKeys,
    sealer: Sealer,
}

impl SealedVault {
    pub fn new(rows: PgBusKeys, sealer: Sealer) -> Self {
        Self { rows, sealer }
    }
}

impl Sealer {
    pub fn new(key: &SealingKey, nonce: fn() -> [u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(key.expose_secret().into()), nonce }
    }
}

impl Seal for Sealer {
    fn seal(&self, name: &str, secret: &str) -> Result<Vec<u8>, StoreError> {
        let nonce = &(self.nonce)()[..NONCE];
        let payload = Payload { msg: secret.as_bytes(), aad: name.as_bytes() };
        let nonce_array = XNonce::try_from(nonce).map_err(|e| StoreError::Unavailable(e.to_string().into()))?;
        let sealed =
            self.cipher.encrypt(&nonce_array, payload).map_err(|e| StoreError::Unavailable(e.to_string().into()))?;
        Ok([nonce, &sealed].concat())
    }

    /// The name is authenticated too: a sealed key cannot be put in another's place.
    fn open(&self, name: &str, sealed: &[u8]) -> Result<SecretString, StoreError> {
        let wrong = || {
            StoreError::Unavailable(
                "the secret key does not open what the database keeps; start with the key that it was set up with"
                    .into(),
            )
        };
        let (nonce, text) = sealed.split_at_checked(NONCE).ok_or_else(wrong)?;
        let payload = Payload { msg: text, aad: name.as_bytes() };
        let nonce = XNonce::try_from(nonce).map_err(|_| wrong())?;
        let secret = self.cipher.decrypt(&nonce, payload).map_err(|_| wrong())?;
        Ok(SecretString::from(String::from_utf8(secret).map_err(|_| wrong())?))
    }
}

#[async_trait]
impl Vault for SealedVault {
    async fn keep(&self, name: &str, fresh: SecretString) -> Result<SecretString, StoreError> {
        let sealed = self.sealer.seal(name, fresh.expose_secret())?;
        let kept = self.rows.get_or_put(name, &sealed).await?;
        self.sealer.open(name, &kept)
    }

    async fn find(&self, name: &str) -> Result<Option<SecretString>, StoreError> {
        self.rows.get(name).await?.map(|kept| self.sealer.open(name, &kept)).transpose()
    }
}

/// The key given in hexadecimal (64 digits).
pub fn parse_key(text: &str) -> anyhow::Result<SealingKey> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
    let Some(key) = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) else {
        bail!("The secret key is not 64 hexadecimal digits. Make one with: openssl rand -hex 32");
    };
    Ok(SecretBox::new(Box::new(key)))
}

/// The key in a file, which is made at the first start.
pub fn key_file(path: &Path, entropy: &dyn Entropy) -> anyhow::Result<SealingKey> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            return parse_key(&text).with_context(|| format!("The secret key file {} cannot be used.", path.display()));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            return Err(error).with_context(|| format!("The secret key file {} cannot be read.", path.display()));
        }
    }
    let text = HEXLOWER_PERMISSIVE.encode(&entropy.bytes32());
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.with_context(|| format!("The secret key file {} cannot be written.", path.display()))?;
    parse_key(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_64_hexadecimal_digits() {
        assert!(parse_key(&"aB".repeat(32)).is_ok());
        for bad in ["", "ab", &"zz".repeat(32)] {
            assert!(parse_key(bad).is_err(), "{bad}");
        }
    }
}
