//! Password hashing: argon2id, off the async threads, and never more at once than there are cores,
//! so that a flood of sign-ins cannot take the machine's memory or time.

use crate::Error;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use std::{num::NonZeroUsize, sync::Arc};
use tokio::sync::Semaphore;

/// OWASP's least for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A hash of nobody's password: verified where no account exists, so that both cases take as long.
const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y291bnRlcnNpZ24gZHVtbXk$6v6hYvVTeBVrAmOFbgvOBmhFzZoXWVVzxYpdDbwCkfU";

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone)]
pub struct PasswordHasher {
    permits: Arc<Semaphore>,
}

impl PasswordHasher {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { permits: Arc::new(Semaphore::new(cores)) }
    }

    /// The PHC string to keep for `password`.
    pub async fn hash(&self, password: String, salt: [u8; 32]) -> Result<String, Error> {
        self.blocking(move || {
            argon2()
                .hash_password_with_salt(password.as_bytes(), &salt[..16])
                .map(|hash| hash.to_string())
                .map_err(|error| Error::invalid("password", error))
        })
        .await?
    }

    /// Whether `password` is the one behind `kept`; with nothing kept, takes as long and says no.
    pub async fn verify(&self, password: String, kept: Option<String>) -> Result<bool, Error> {
        self.blocking(move || {
            let exists = kept.is_some();
            let text = kept.unwrap_or_else(|| DUMMY.to_owned());
            let matches =
                PasswordHash::new(&text).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
            exists && matches
        })
        .await
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let unavailable =
            |cause: Box<dyn std::error::Error + Send + Sync>| Error::Unavailable { what: "Password checking", cause };
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|e| unavailable(e.into()))?;
        tokio::task::spawn_blocking(move || {
            // Held by the work, not by the request: a client that hangs up frees no place early.
            let _permit = permit;
            work()
        })
        .await
        .map_err(|e| unavailable(e.into()))
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("constants are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_and_another_is_not() {
        let hasher = PasswordHasher::new();
        let kept = hasher.hash("correct horse battery".into(), [7; 32]).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hasher.verify("correct horse battery".into(), Some(kept.clone())).await.unwrap());
        assert!(!hasher.verify("incorrect horse".into(), Some(kept)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_is_checked_against_a_real_hash_and_refused() {
        assert!(PasswordHash::new(DUMMY).is_ok());
        assert!(!PasswordHasher::new().verify("anything".into(), None).await.unwrap());
    }
}
