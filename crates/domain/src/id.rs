//! Typed ids. A task's id is computed from the message that asked for it, so that reading the same
//! message twice names the same task.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

typed_id!(
    /// One organization with its founders, fleet, bus account and data.
    TenantId
);
typed_id!(
    /// A human being who can sign in.
    PersonId
);
typed_id!(
    /// A worker of the fleet.
    AgentId
);
typed_id!(
    /// A bus identity minted for an agent.
    CredentialId
);
typed_id!(
    /// A person who was asked to join a tenant.
    InvitationId
);
typed_id!(
    /// A mail to a person.
    MailId
);
typed_id!(
    /// One unit of work.
    TaskId
);
typed_id!(
    /// One message that could not be understood.
    QuarantineId
);
typed_id!(
    /// A token of the REST API.
    ApiTokenId
);
typed_id!(
    /// One review of one role file.
    ReviewId
);
typed_id!(
    /// One question of an agent, in all its versions.
    BriefId
);
typed_id!(
    /// Something that founders know and agents cannot see.
    ContextFactId
);
typed_id!(
    /// One answer to a brief.
    DecisionId
);
typed_id!(
    /// A time in which the founders are away.
    AwayId
);
typed_id!(
    /// A founder's word that an agent's own recommendations take effect.
    GrantId
);
typed_id!(
    /// A founder's order to do several dead letters again.
    ReplayId
);
typed_id!(
    /// An address to which an organization has what waits sent.
    WebhookId
);

impl TaskId {
    /// The id of the task that arrived as message `sequence` of a stream created at `epoch`
    /// (milliseconds). Ordered by `at_ms` like a UUID version 7 (RFC 9562, section 5.7), with the
    /// random bits replaced by the sequence and a digest of the message's position.
    pub fn of_message(tenant: TenantId, epoch: i64, sequence: u64, at_ms: i64) -> Self {
        Self(positioned(b"task", tenant, epoch, sequence, at_ms))
    }
}

impl TaskId {
    /// The id of the task that does `letter` again. `salt` tells one replay from the next.
    pub fn of_replay(tenant: TenantId, letter: Self, salt: i64, at_ms: i64) -> Self {
        let digest = Sha256::digest(letter.0.as_bytes());
        let sequence = u64::from_be_bytes(digest[..8].try_into().unwrap_or_default());
        Self(positioned(b"replay", tenant, salt, sequence, at_ms))
    }
}

impl TaskId {
    /// The id of the task by which an agent hears that a grant is over: it hears it once.
    pub fn of_grant_end(tenant: TenantId, grant: GrantId, at_ms: i64) -> Self {
        let digest = Sha256::digest(grant.0.as_bytes());
        let sequence = u64::from_be_bytes(digest[..8].try_into().unwrap_or_default());
        Self(positioned(b"grant", tenant, 0, sequence, at_ms))
    }
}

impl QuarantineId {
    /// The id of the quarantine row of message `sequence` of `stream`.
    pub fn of_message(tenant: TenantId, stream: &str, epoch: i64, sequence: u64, at_ms: i64) -> Self {
        Self(positioned(stream.as_bytes(), tenant, epoch, sequence, at_ms))
    }
}

fn positioned(label: &[u8], tenant: TenantId, epoch: i64, sequence: u64, at_ms: i64) -> Uuid {
    let digest = Sha256::new()
        .chain_update(label)
        .chain_update(tenant.0.as_bytes())
        .chain_update(epoch.to_be_bytes())
        .chain_update(sequence.to_be_bytes())
        .finalize();
    // The sequence comes first, so that messages of one millisecond sort as the bus took them. The
    // first three bytes are left alone: version and variant bits lie in them.
    let mut tail = [0_u8; 10];
    tail[3..7].copy_from_slice(&sequence.to_be_bytes()[4..]);
    tail[7..].copy_from_slice(&digest[..3]);
    let millis = u64::try_from(at_ms).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_message_names_the_same_task_and_the_next_message_another() {
        let tenant = TenantId(Uuid::from_u128(7));
        let first = TaskId::of_message(tenant, 1, 1, 1_700_000_000_000);
        assert_eq!(first, TaskId::of_message(tenant, 1, 1, 1_700_000_000_000));
        assert_ne!(first, TaskId::of_message(tenant, 1, 2, 1_700_000_000_000));
        assert_ne!(first, TaskId::of_message(tenant, 2, 1, 1_700_000_000_000));
        assert_eq!(first.0.get_version_num(), 7);
        assert!(first < TaskId::of_message(tenant, 1, 300, 1_700_000_000_000), "in the order of the bus");
    }
}
