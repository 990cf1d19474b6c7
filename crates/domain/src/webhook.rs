//! Addresses to which an organization has what waits sent.

use crate::{Millis, WebhookId, task::words};
use serde::{Deserialize, Serialize};

/// What every secret of a webhook begins with, as "Standard Webhooks" has it.
pub const SECRET_PREFIX: &str = "whsec_";
/// After a change the secret of before counts for so long. Milliseconds.
pub const OLD_SECRET_MS: i64 = 24 * 60 * 60 * 1000;
/// A delivery is tried for so long. Milliseconds.
pub const TRIED_MS: i64 = 24 * 60 * 60 * 1000;

words!(
    /// What is sent to it.
    WebhookShape {
        /// JSON with a signature.
        Signed = "signed",
        /// What chat programs take: a text in JSON, without a signature.
        Chat = "chat",
    }
);

/// What was done to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookAct {
    Made,
    Rotated,
    SwitchedOn,
    SwitchedOff,
    /// Something was sent again.
    Replayed,
}

impl WebhookAct {
    pub fn kind(self) -> &'static str {
        match self {
            Self::Made => "webhook.made",
            Self::Rotated => "webhook.rotated",
            Self::SwitchedOn => "webhook.switched_on",
            Self::SwitchedOff => "webhook.switched_off",
            Self::Replayed => "webhook.replayed",
        }
    }

    /// Before “the webhook …”.
    pub fn words(self) -> &'static str {
        match self {
            Self::Made => "Made",
            Self::Rotated => "Changed the secret of",
            Self::SwitchedOn => "Switched on",
            Self::SwitchedOff => "Switched off",
            Self::Replayed => "Sent something again by",
        }
    }
}

/// So many are sent to one of them within an hour: what is more is listed and not sent.
pub const MOST_AN_HOUR: u32 = 120;
/// Whoever takes nothing is asked at least this often, as long as there is something for them. Milliseconds.
const LONGEST_REST_MS: i64 = 5 * 60 * 1000;

/// How long a webhook is left alone that did not take so many in a row.
pub fn rest_ms(fails: u32) -> i64 {
    backoff_ms(fails).min(LONGEST_REST_MS)
}

/// How long after try number `tries` the next one is due: from 5 s, three times as long each time, to 4 hours.
pub fn backoff_ms(tries: u32) -> i64 {
    (5_000 * 3_i64.saturating_pow(tries.saturating_sub(1))).min(4 * 60 * 60 * 1000)
}

/// One of them, as it is shown: never its whole address, never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    pub id: WebhookId,
    pub name: String,
    pub shape: WebhookShape,
    pub host: String,
    /// Words of [`NoticeKind`](crate::notice::NoticeKind).
    pub kinds: Vec<String>,
    pub made_at: Millis,
    pub made_by: String,
    /// Until when the secret of before counts.
    pub old_until: Option<Millis>,
    pub off: Option<(Millis, String)>,
    /// Since when nothing was taken.
    pub failing_since: Option<Millis>,
    pub last_taken: Option<Millis>,
    pub waiting: u32,
}

/// How far a delivery is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryState {
    Waiting { next_at: Millis },
    Taken(Millis),
    GivenUp(Millis),
}

/// Something that was sent, or is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    pub id: String,
    pub topic: String,
    pub made_at: Millis,
    pub state: DeliveryState,
    pub tries: u32,
    /// What the newest try was answered with, if anything.
    pub status: Option<u16>,
    /// How long that took, in milliseconds.
    pub took_ms: Option<u32>,
    pub why: Option<String>,
    /// What was sent.
    pub body: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_become_rarer_and_there_are_several_within_the_day() {
        let waits: Vec<i64> = (1..=9).map(backoff_ms).collect();
        assert!(waits.is_sorted() && waits[0] == 5_000, "{waits:?}");
        assert!(waits.iter().sum::<i64>() <= TRIED_MS, "{waits:?}");
    }

    #[test]
    fn whoever_takes_nothing_is_left_alone_for_longer_and_longer_but_never_for_long() {
        let rests: Vec<i64> = (1..=30).map(rest_ms).collect();
        assert!(rests.is_sorted() && rests[0] == backoff_ms(1), "{rests:?}");
        assert_eq!(rests.last(), Some(&LONGEST_REST_MS));
    }
}
