//! How the Workspace API says no to an agent.

use crate::ports::{ArtifactError, ClaimError, FileError, ProofError, StoreError};
use countersign_domain::{ArtifactHash, Millis};

/// Why an agent did not get what it asked for. The display text is for those who write agents.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// No token, or one that does not count (any more); or a proof that does not hold.
    #[error("This needs a live token. Sign a new challenge with the key of a credential that is not revoked.")]
    Unproven,
    /// What stands in `field` cannot be used.
    #[error("{message}")]
    Invalid { field: &'static str, message: String },
    #[error("This task is not recorded yet. Ask again in a moment.")]
    NotYet,
    #[error("There is no such task for this agent.")]
    NotFound,
    #[error("This message carries no task: it is a second copy, or in quarantine. Acknowledge it and go on.")]
    NoTask,
    /// With the word for how the task ended.
    #[error("This task is settled: {0}. Drop what you have and go on.")]
    Settled(String),
    #[error("Another worker holds this task. Return the message.")]
    Held { retry_after_ms: i64 },
    #[error("Another worker took this task over. Drop what you have.")]
    Stale,
    #[error("The lease is over. Claim the task again at its next delivery.")]
    LeaseOver,
    /// The role file that the credential was compiled from may run no longer.
    #[error(
        "The approval of this agent's role file stands no longer. A founder has to approve it, and to issue a credential."
    )]
    NotApproved,
    /// Absent, or not to be read by this agent: the same answer.
    #[error("There is no such artifact, or no such label, for this agent.")]
    NoArtifact,
    /// The bytes that came are not those that were announced.
    #[error("The bytes that came have the SHA-256 {found}. Nothing was kept; send those that the address names.")]
    WrongHash { found: ArtifactHash },
    #[error("An artifact has at most {most} bytes here. Nothing was kept.")]
    TooLarge { most: u64 },
    #[error(
        "The organization's artifacts may have {quota} bytes, and would have {wanted}. Nothing was kept; a founder can ask for more room."
    )]
    Quota { wanted: u64, quota: u64 },
    /// The bytes that are kept are not those that the name says.
    #[error("What is kept under this name is not what was put there. Put it again.")]
    Damaged,
    #[error("{what} is not answering. Nothing was changed; try again in a moment.")]
    Unavailable {
        what: &'static str,
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl AgentError {
    /// Of a use case that people share.
    pub(crate) fn of(error: crate::Error) -> Self {
        match error {
            crate::Error::Unavailable { what, cause } => Self::Unavailable { what, cause },
            other => Self::invalid("body", other),
        }
    }

    pub(crate) fn invalid(field: &'static str, message: impl ToString) -> Self {
        Self::Invalid { field, message: message.to_string() }
    }

    pub(crate) fn no_artifact(name: &str) -> Self {
        Self::invalid("artifacts", format!("There is no artifact {name} that this agent may name. Put it first."))
    }

    /// What the record said of a claim, at `now`.
    pub(crate) fn of_claim(error: ClaimError, now: Millis) -> Self {
        match error {
            ClaimError::NotYet => Self::NotYet,
            ClaimError::NotFound => Self::NotFound,
            ClaimError::NoTask => Self::NoTask,
            ClaimError::Settled(word) => Self::Settled(word),
            ClaimError::Held { until_ms } => Self::Held { retry_after_ms: (until_ms - now.0).max(1) },
            ClaimError::Stale => Self::Stale,
            ClaimError::Ended { .. } => Self::LeaseOver,
            ClaimError::NoArtifact(name) => Self::no_artifact(&name),
            ClaimError::Store(error) => error.into(),
        }
    }
}

/// What is missing where a store answers so is the agent's right to ask.
impl From<StoreError> for AgentError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::Unproven,
            StoreError::Taken(what) | StoreError::Refused(what) => Self::Settled(what),
            StoreError::Unavailable(cause) => Self::Unavailable { what: "The database", cause },
        }
    }
}

impl From<ProofError> for AgentError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Refused(why) => {
                tracing::info!(why, "an agent's proof was refused");
                Self::Unproven
            }
            ProofError::Store(error) => error.into(),
        }
    }
}

impl From<ArtifactError> for AgentError {
    fn from(error: ArtifactError) -> Self {
        match error {
            ArtifactError::NoTask => Self::invalid("task", error),
            ArtifactError::Quota { wanted, quota } => Self::Quota { wanted, quota },
            ArtifactError::Store(error) => error.into(),
        }
    }
}

/// Bytes that are gone though the record has them are as good as damaged.
impl From<FileError> for AgentError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Gone => Self::Damaged,
            FileError::Unavailable(cause) => Self::Unavailable { what: "The store of artifacts", cause },
        }
    }
}
