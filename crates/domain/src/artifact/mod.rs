//! Artifacts: immutable content, named by its SHA-256.

mod content;
mod hash;
mod label;

pub use content::{ArtifactContent, ArtifactKind, Sniffer};
pub use hash::{ArtifactHash, NoHash};
pub use label::{Label, LabelError, LabelPattern, MAX_LABEL, ReadGrant};

use crate::task::words;
use serde::{Deserialize, Serialize};

words!(
    /// What names an artifact, so that it must stay.
    PinKind {
        /// A worker handed it in with the task.
        Task = "task",
        Review = "review",
        Brief = "brief",
        Decision = "decision",
    }
);
