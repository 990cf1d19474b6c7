//! Artifacts, as the console shows them.

use crate::{
    Millis,
    artifact::{ArtifactContent, ArtifactKind},
    reading::DiffLine,
};
use serde::{Deserialize, Serialize};

/// What to look for. Empty fields do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArtifactQuery {
    /// Put by this agent.
    pub agent: String,
    /// With a label that begins so.
    pub label: String,
    /// Show what is older than this artifact of the list.
    pub older: String,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactRow {
    /// In hexadecimal digits.
    pub sha256: String,
    /// The label that it was given last, and that still names it.
    pub label: Option<String>,
    pub kind: ArtifactKind,
    pub size: u64,
    /// Who put it first; none for a person.
    pub agent: Option<String>,
    pub at: Millis,
    /// When retention took its bytes away.
    pub removed_at: Option<Millis>,
}

/// A page of artifacts, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactList {
    pub rows: Vec<ArtifactRow>,
    /// Whether there are older ones.
    pub more: bool,
    /// Whether there are artifacts at all.
    pub any: bool,
    /// The agents that have put some.
    pub agents: Vec<String>,
    /// Bytes of all that are there.
    pub used: u64,
}

impl ArtifactList {
    /// Rows on a page.
    pub const SIZE: u32 = 50;
}

/// One time that it was put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactSource {
    /// The number of the journal's entry.
    pub seq: u64,
    pub agent: Option<String>,
    /// A person's name.
    pub person: Option<String>,
    pub task: Option<String>,
    pub trace: Option<String>,
    pub at: Millis,
}

/// A label that names it, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactLabel {
    pub agent: String,
    pub label: String,
    pub version: u32,
    pub at: Millis,
    /// What the label names now, where that is another one.
    pub newest: Option<String>,
}

/// What a page shows of the content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum ArtifactText {
    /// Invisible characters made visible.
    Plain {
        text: String,
    },
    /// HTML of nothing but plain elements, written by `service::markdown`.
    Markdown {
        html: String,
    },
    Diff {
        lines: Vec<DiffLine>,
    },
    /// Drawn by the browser, from an address of its own.
    Image,
    /// Not shown.
    Nothing {
        why: String,
    },
    /// The bytes are not those that the name says. Nothing of them is shown.
    Damaged,
}

/// One artifact with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactDetail {
    pub sha256: String,
    pub size: u64,
    pub content: ArtifactContent,
    pub kind: ArtifactKind,
    pub first_at: Millis,
    pub removed_at: Option<Millis>,
    /// Oldest first, at most 50.
    pub sources: Vec<ArtifactSource>,
    /// Newest first, at most 50.
    pub labels: Vec<ArtifactLabel>,
    /// Kind and id of what names it, at most 50.
    pub pins: Vec<(String, String)>,
    pub text: ArtifactText,
    /// Whether only the first part is shown.
    pub cut: bool,
}
