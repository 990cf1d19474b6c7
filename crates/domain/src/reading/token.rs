use crate::{Millis, api_token::Scope};
use serde::{Deserialize, Serialize};

/// The organization's tokens, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    pub tokens: Vec<TokenRow>,
    /// The address of the console, without a slash at the end.
    pub console_url: String,
}

/// A token of the REST API, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    /// UUID text.
    pub id: String,
    pub name: String,
    pub scopes: Vec<Scope>,
    /// The last characters of its text, to find it by.
    pub tail: String,
    pub made_by: String,
    pub made_at: Millis,
    pub expires_at: Millis,
    /// To the minute.
    pub used_at: Option<Millis>,
    /// The network address that used it last.
    pub used_from: Option<String>,
    pub state: TokenState,
}

/// Whether a token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    Live,
    Expired,
    Revoked(Millis),
    /// The person who made it does not belong to the organization any more.
    Orphaned,
}
