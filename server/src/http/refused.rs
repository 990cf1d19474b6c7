//! How a download says no.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use countersign_service::Error;

/// The sentence as plain text, under its status.
pub fn refused(error: &Error) -> Response {
    let status = match error {
        Error::SignedOut => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) | Error::OutOfScope(_) | Error::StepUp => StatusCode::FORBIDDEN,
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Conflict(_) => StatusCode::CONFLICT,
        Error::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable { what, cause } => {
            tracing::error!(%what, %cause, "unavailable");
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    (status, error.to_string()).into_response()
}
