use crate::Millis;
use serde::{Deserialize, Serialize};

/// Some entries of the journal, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalPage {
    pub entries: Vec<JournalLine>,
    pub head: JournalHead,
}

impl JournalPage {
    /// Entries on a page at the most, and bytes of their texts beyond which it ends earlier.
    pub const SIZE: u32 = 100;
    pub const BYTES: u64 = 1024 * 1024;
}

/// Where the journal ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalHead {
    /// The number of the newest entry; entries are numbered from 1.
    pub seq: u64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// One entry as it is chained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLine {
    pub seq: u64,
    pub at: Millis,
    /// What happened, in the journal's own word.
    pub kind: String,
    /// The text that was hashed.
    pub canonical: String,
    /// SHA-256 of the hash before it and of the text, in hexadecimal.
    pub hash: String,
}
