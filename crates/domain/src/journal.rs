//! The append-only, hash-chained record of all that happened in a tenant.

use crate::{Millis, PersonId, bus_fact::FactBody, bus_fact::Position};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// SHA-256 of an entry and of all entries before it.
pub type Hash = [u8; 32];

/// What the first entry of a tenant is chained to.
pub const GENESIS: Hash = [0; 32];

/// One entry, before it is chained. Its JSON text, as [`Entry::canonical`] writes it, is what is
/// hashed and kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The version of this form.
    pub v: u8,
    /// When it happened.
    pub at: Millis,
    #[serde(flatten)]
    pub what: What,
}

/// All that can happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A message came from the bus.
    Received {
        position: Position,
        #[serde(flatten)]
        body: FactBody,
    },
    /// Retention overtook the bridge: messages `from` to `to` were never read.
    GapFound {
        stream: String,
        epoch: i64,
        from: u64,
        to: u64,
    },
    TenantCreated {
        name: String,
    },
    FounderCreated {
        person: PersonId,
        name: String,
        email: String,
    },
    AgentCreated {
        by: PersonId,
        agent: String,
        delegates_to: Vec<String>,
    },
    CredentialIssued {
        by: PersonId,
        agent: String,
        public_key: String,
        expires_at: Millis,
    },
    CredentialRevoked {
        by: PersonId,
        agent: String,
        public_key: String,
    },
}

impl Entry {
    pub fn new(at: Millis, what: What) -> Self {
        Self { v: 1, at, what }
    }

    /// The word that the journal's list shows and filters by.
    pub fn kind(&self) -> &'static str {
        match &self.what {
            What::Received { body, .. } => match body {
                FactBody::TaskReceived(_) => "task.received",
                FactBody::TaskSignalled(_) => "task.signalled",
                FactBody::EventReceived(_) => "event.received",
                FactBody::Quarantined(_) => "message.quarantined",
            },
            What::GapFound { .. } => "gap.found",
            What::TenantCreated { .. } => "tenant.created",
            What::FounderCreated { .. } => "founder.created",
            What::AgentCreated { .. } => "agent.created",
            What::CredentialIssued { .. } => "credential.issued",
            What::CredentialRevoked { .. } => "credential.revoked",
        }
    }

    /// The bytes that are hashed and kept: JSON with the fields in the order of their declaration.
    pub fn canonical(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an entry has string keys only")
    }
}

/// The hash of an entry whose canonical bytes follow the entry hashed as `previous`.
pub fn chain(previous: &Hash, canonical: &[u8]) -> Hash {
    Sha256::new().chain_update(previous).chain_update(canonical).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_survives_its_canonical_form() {
        let entry = Entry::new(Millis(5), What::TenantCreated { name: "Acme".into() });
        let bytes = entry.canonical();
        assert_eq!(bytes, br#"{"v":1,"at":5,"what":"tenant_created","name":"Acme"}"#);
        assert_eq!(serde_json::from_slice::<Entry>(&bytes).unwrap(), entry);
    }

    #[test]
    fn a_changed_byte_or_another_past_gives_another_hash() {
        let head = chain(&GENESIS, b"a");
        assert_ne!(head, chain(&GENESIS, b"b"));
        assert_ne!(chain(&head, b"a"), head);
    }
}
