//! What a person is told outside the console.

use crate::notice::NoticePrefs;

/// What somebody wants to hear, and where they hear it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeSettings {
    pub email: String,
    /// Whether the address is known to be theirs: nothing is mailed to another.
    pub verified: bool,
    pub prefs: NoticePrefs,
}
