use countersign_domain::reading::{JournalHead, JournalLine};
use serde::Serialize;
use utoipa::ToSchema;

/// One entry of the journal.
#[derive(Serialize, ToSchema)]
pub struct Entry {
    /// Entries are numbered from 1, without gaps.
    seq: u64,
    #[schema(format = DateTime)]
    at: String,
    /// What happened, such as `task.created`.
    kind: String,
    /// The text that is hashed: JSON on one line.
    canonical: String,
    /// SHA-256 of the 32 bytes of the hash before it (of entry 1: zeros) and of `canonical`, in hexadecimal.
    hash: String,
}

impl From<JournalLine> for Entry {
    fn from(line: JournalLine) -> Self {
        Self { seq: line.seq, at: line.at.to_rfc3339(), kind: line.kind, canonical: line.canonical, hash: line.hash }
    }
}

/// Where the journal ends.
#[derive(Serialize, ToSchema)]
pub struct Head {
    /// The number of the newest entry.
    seq: u64,
    /// Its hash.
    hash: String,
}

impl From<JournalHead> for Head {
    fn from(head: JournalHead) -> Self {
        Self { seq: head.seq, hash: head.hash }
    }
}

/// A page of entries, oldest first.
#[derive(Serialize, ToSchema)]
pub struct EntryList {
    pub entries: Vec<Entry>,
    pub head: Head,
    /// The cursor of the next page, where there is one.
    pub next: Option<String>,
}
