//! Messages as a stream keeps them, without the client library's reading: it gives its connection up over
//! headers that it cannot read, and any client may publish such.

use crate::error::{Error, api};
use async_nats::jetstream::{Context, ErrorCode, response::Response};
use countersign_domain::Millis;
use data_encoding::BASE64;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// A message of a stream.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Stored {
    pub subject: String,
    #[serde(rename = "seq")]
    pub sequence: u64,
    /// The bytes between the subject's line and the payload.
    #[serde(rename = "hdrs", default, deserialize_with = "base64")]
    pub headers: Vec<u8>,
    #[serde(rename = "data", default, deserialize_with = "base64")]
    pub payload: Vec<u8>,
    time: String,
}

impl Stored {
    /// When the stream took it.
    pub fn at(&self) -> Millis {
        Millis(self.time.parse::<Timestamp>().map_or(0, Timestamp::as_millisecond))
    }
}

#[derive(Deserialize)]
struct Answer {
    message: Stored,
}

fn base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    BASE64.decode(text.as_bytes()).map_err(serde::de::Error::custom)
}

/// The message at `sequence`, if it is there.
pub(crate) async fn message(context: &Context, stream: &str, sequence: u64) -> Result<Option<Stored>, Error> {
    let what = "look a message up";
    let subject = format!("STREAM.MSG.GET.{stream}");
    let answer: Response<Answer> = context.request(subject, &json!({ "seq": sequence })).await.map_err(api(what))?;
    match answer {
        Response::Ok(answer) => Ok(Some(answer.message)),
        Response::Err { error } if error.error_code() == ErrorCode::NO_MESSAGE_FOUND => Ok(None),
        Response::Err { error } => Err(api(what)(error)),
    }
}

/// Takes the message at `sequence` out of its stream, if it is there.
pub(crate) async fn remove(context: &Context, stream: &str, sequence: u64) -> Result<(), Error> {
    let what = "take a message out of its stream";
    let subject = format!("STREAM.MSG.DELETE.{stream}");
    let body = json!({ "seq": sequence, "no_erase": true });
    let answer: Response<Value> = context.request(subject, &body).await.map_err(api(what))?;
    match answer {
        Response::Ok(_) => Ok(()),
        Response::Err { error } if is_gone(&error) => Ok(()),
        Response::Err { error } => Err(api(what)(error)),
    }
}

/// Whether the message is not there any more.
pub(crate) fn is_gone(error: &async_nats::jetstream::Error) -> bool {
    [ErrorCode::NO_MESSAGE_FOUND, ErrorCode::SEQUENCE_NOT_FOUND].contains(&error.error_code())
        || error.code() == 404
        || error.to_string().contains("no message found")
}
