//! Sharing a tenant's work among serving processes.

use super::StoreError;
use async_trait::async_trait;
use countersign_domain::TenantId;
use uuid::Uuid;

/// A part of a tenant's work that one process at a time does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Duty {
    /// Carrying the bus into the record.
    Ingest,
    /// Carrying the outbox to the bus.
    Relay,
    /// Looking after queues, leases and breakers.
    Watch,
}

impl Duty {
    pub const ALL: [Self; 3] = [Self::Ingest, Self::Relay, Self::Watch];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Relay => "relay",
            Self::Watch => "watch",
        }
    }
}

#[async_trait]
pub trait Duties: Send + Sync {
    /// Says that `replica` lives, and answers the duties of these tenants that are its own until it asks
    /// again or a few seconds pass. Every duty has one holder at most; who of the living gets which is
    /// decided by their ids, so that all come to the same answer. One that is not `fit`, since it does not
    /// reach the bus, gives its duties back and counts as living no longer, unless it is the only one.
    async fn hold(&self, replica: Uuid, tenants: &[TenantId], fit: bool) -> Result<Vec<(TenantId, Duty)>, StoreError>;
    /// Gives all duties back, so that others need not wait for them.
    async fn release(&self, replica: Uuid) -> Result<(), StoreError>;
}
