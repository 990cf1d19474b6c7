//! Time and chance.

use countersign_domain::Millis;

/// Tells the time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Millis;
}

/// Gives unpredictable bytes, fit for secrets.
pub trait Entropy: Send + Sync {
    fn bytes32(&self) -> [u8; 32];
    /// A UUID version 7 for `now`.
    fn uuid(&self, now: Millis) -> uuid::Uuid;
}
