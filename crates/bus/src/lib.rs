//! NATS: identities (operator, accounts, credentials), streams and consumers, and the bridge that
//! carries what is on the bus into the record. Reaches the database through `service::ports` alone.

mod bridge;
mod claims;
mod config_file;
mod connection;
mod control;
mod decode;
mod duty;
mod error;
mod handed;
mod health;
mod identity;
mod ingest;
mod observe;
mod probe;
mod provision;
mod queue;
mod raw;
mod recording;
mod relay;
mod sender;
mod sift;
mod sweep;
mod system;
mod witness;

pub use bridge::{Bridge, Record, Wakers};
pub use config_file::{ServerPaths, config_text};
pub use control::NatsBus;
pub use error::Error;
pub use health::Health;
pub use identity::Identity;
pub use system::{MIN_VERSION, check_version};
pub use witness::last_head;
