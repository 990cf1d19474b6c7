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

/// A passkey of the person who looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyRow {
    /// Tells it from the person's others.
    pub id: String,
    pub name: String,
    pub added_at: Millis,
    pub used_at: Option<Millis>,
}

/// Whether codes of an authenticator app are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodesView {
    Off,
    /// An app has to take the secret, and to show its first code.
    Pending {
        /// The secret as a square that apps scan, in SVG.
        drawing: String,
        /// The same, to type: base32.
        secret: String,
    },
    On {
        since: Millis,
        /// So many recovery codes are left.
        recovery_codes: u32,
    },
}

/// With what a person can prove who they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a way of its own, and any of them may be there")]
pub struct Provable {
    /// By itself: whoever has an authenticator app is asked for its code instead.
    pub password: bool,
    pub code: bool,
    pub passkey: bool,
    /// To the identity provider by which this session was opened.
    pub provider: bool,
}
