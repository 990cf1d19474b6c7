use crate::{How, Millis};
use serde::{Deserialize, Serialize};

/// A session of the person who looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Tells it from the person's other sessions. Nobody can sign in with it.
    pub name: String,
    /// “Firefox on Linux”, as the browser says of itself.
    pub device: String,
    /// The network address that it was opened from.
    pub address: String,
    /// How its person proved who they are.
    pub how: How,
    pub opened_at: Millis,
    /// To the minute.
    pub used_at: Millis,
    /// When it ends, used or not.
    pub expires_at: Millis,
    /// The one that this was asked with.
    pub here: bool,
}
