//! The real clock and the real entropy: the composition root's, and nobody else's.

use countersign_domain::Millis;
use countersign_service::ports::{Clock, Entropy};

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the composition root is where time comes from")]
    fn now(&self) -> Millis {
        Millis(jiff::Timestamp::now().as_millisecond())
    }
}

/// The operating system's random numbers.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the composition root is where chance comes from")]
    fn bytes32(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
        bytes
    }

    fn uuid(&self, now: Millis) -> uuid::Uuid {
        let mut random = [0; 10];
        random.copy_from_slice(&self.bytes32()[..10]);
        uuid::Builder::from_unix_timestamp_millis(now.0.unsigned_abs(), &random).into_uuid()
    }
}
