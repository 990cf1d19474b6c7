//! How often somebody tried what can be guessed.

use super::{Digest, StoreError};
use async_trait::async_trait;
use countersign_domain::{Millis, PersonId};

#[async_trait]
pub trait Tries: Send + Sync {
    /// Counts a try for each key, unless one of them has had its number of tries within `window_ms`: then none
    /// counts, and the answer is when that key may try again. Tries at the same moment wait for each other.
    async fn take(&self, keys: &[(String, u32)], now: Millis, window_ms: i64) -> Result<Option<Millis>, StoreError>;
    /// The try of that moment was none: it went well.
    async fn give_back(&self, keys: &[(String, u32)], at: Millis) -> Result<(), StoreError>;
    /// Whether the person has signed in with the browser of this mark.
    async fn knows(&self, person: PersonId, mark: Digest) -> Result<bool, StoreError>;
    /// Remembers the browser.
    async fn remember(&self, person: PersonId, mark: Digest, now: Millis) -> Result<(), StoreError>;
}
