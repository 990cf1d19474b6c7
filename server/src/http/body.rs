//! Bodies of requests that are JSON.

use super::{AppState, problem::Problem};
use axum::{
    extract::{FromRequest, Request},
    http::StatusCode,
};
use bytes::Bytes;
use countersign_service::MAX_RESULT_BYTES;
use serde::de::DeserializeOwned;

/// The largest result or payload, and room for what is around it.
pub const MOST_BYTES: usize = MAX_RESULT_BYTES + 64 * 1024;

/// A body that is JSON of the wanted form, whatever its media type says. None at all is an empty object.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        read(&take(request, state).await?).map(Self)
    }
}

/// The whole body.
pub async fn take(request: Request, state: &AppState) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejected| match rejected.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The request is larger than 320 KiB.")
        }
        _ => Problem::new(StatusCode::BAD_REQUEST, "broken", "The request broke off."),
    })
}

pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes).map_err(|error| Problem::invalid("body", format!("{error}.")))
}
