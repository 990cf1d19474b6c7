//! How things look in the API: forms of its own, so that the console's readings may change without it. Moments
//! are RFC 3339 in UTC, to the second; fields are only added.

pub mod agent;
pub mod decision;
pub mod journal;
pub mod letter;
pub mod review;
pub mod task;

use countersign_domain::{
    Millis,
    reading::{AttemptRow, Closed as ClosedReading, PayloadText},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A moment that may not be known.
pub(super) fn moment(at: Option<Millis>) -> Option<String> {
    at.map(Millis::to_rfc3339)
}

/// A payload, made ready to be read: JSON is indented, invisible characters are made visible.
#[derive(Serialize, ToSchema)]
pub struct Payload {
    text: String,
    /// Size of the payload itself.
    bytes: u64,
    /// SHA-256 of the payload itself, in hexadecimal.
    sha256: String,
    /// Whether `text` was cut at 64 KiB.
    cut: bool,
}

impl From<PayloadText> for Payload {
    fn from(payload: PayloadText) -> Self {
        Self { text: payload.text, bytes: payload.bytes, sha256: payload.sha256, cut: payload.cut }
    }
}

/// Whose word ended something, or holds it.
#[derive(Serialize, ToSchema)]
pub struct Closed {
    by: String,
    #[schema(format = DateTime)]
    at: String,
    reason: Option<String>,
}

impl From<ClosedReading> for Closed {
    fn from(closed: ClosedReading) -> Self {
        Self { by: closed.by, at: closed.at.to_rfc3339(), reason: closed.reason }
    }
}

/// One delivery of a task to an agent.
#[derive(Serialize, ToSchema)]
pub struct Attempt {
    number: u32,
    /// `running`, `succeeded`, `returned`, `given_up`, `no_answer` or `repeated`.
    outcome: &'static str,
    #[schema(format = DateTime)]
    started_at: Option<String>,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    reason: Option<String>,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            number: row.number,
            outcome: row.outcome.as_str(),
            started_at: moment(row.started_at),
            ended_at: moment(row.ended_at),
            reason: row.reason,
        }
    }
}

/// A header of a message.
#[derive(Serialize, ToSchema)]
pub struct Header {
    name: String,
    value: String,
}

fn headers(headers: Vec<(String, String)>) -> Vec<Header> {
    headers.into_iter().map(|(name, value)| Header { name, value }).collect()
}

pub(super) fn each<A, B: From<A>>(rows: Vec<A>) -> Vec<B> {
    rows.into_iter().map(Into::into).collect()
}
