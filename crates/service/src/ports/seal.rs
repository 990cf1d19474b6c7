//! Secrets of people that must be read again, and not by whoever reads the database.

use super::StoreError;
use secrecy::SecretString;

/// Seals and opens texts with the server's key.
pub trait Seal: Send + Sync {
    /// `name` says what it is, and of whom: what is sealed under one name does not open under another.
    fn seal(&self, name: &str, secret: &str) -> Result<Vec<u8>, StoreError>;
    fn open(&self, name: &str, sealed: &[u8]) -> Result<SecretString, StoreError>;
}
