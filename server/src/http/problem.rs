//! How the Workspace API says no: `application/problem+json` (RFC 9457) with a `code` for programs.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_service::AgentError;
use serde::Serialize;

/// Before asking again for a task that is not recorded yet. Seconds.
const NOT_YET_AFTER: u64 = 1;
/// Before asking again when the database is away. Seconds.
pub const AWAY_AFTER: u64 = 2;

/// One refusal.
#[derive(Debug, Serialize)]
pub struct Problem {
    status: u16,
    /// For programs; it never changes its meaning.
    code: &'static str,
    /// For people.
    title: String,
    /// What was wrong in the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// How a settled task ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, title: impl ToString) -> Self {
        let title = title.to_string();
        Self { status: status.as_u16(), code, title, field: None, state: None, retry_after_ms: None }
    }
}

impl From<AgentError> for Problem {
    fn from(error: AgentError) -> Self {
        let (status, code) = match &error {
            AgentError::Unproven => (StatusCode::UNAUTHORIZED, "unproven"),
            AgentError::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            // Not 425: that is about early data of TLS, and proxies may act on it (RFC 8470).
            AgentError::NotYet => (StatusCode::CONFLICT, "not_yet"),
            AgentError::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            AgentError::NoTask => (StatusCode::CONFLICT, "no_task"),
            AgentError::Settled(_) => (StatusCode::CONFLICT, "settled"),
            AgentError::Held { .. } => (StatusCode::CONFLICT, "held"),
            AgentError::Stale => (StatusCode::CONFLICT, "stale"),
            AgentError::LeaseOver => (StatusCode::GONE, "lease_over"),
            AgentError::Unavailable { what, cause } => {
                tracing::error!(%what, %cause, "unavailable");
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            }
        };
        let mut problem = Self::new(status, code, &error);
        match error {
            AgentError::Invalid { field, .. } => problem.field = Some(field),
            AgentError::Settled(state) => problem.state = Some(state),
            AgentError::Held { retry_after_ms } => problem.retry_after_ms = Some(retry_after_ms.unsigned_abs()),
            AgentError::NotYet => problem.retry_after_ms = Some(NOT_YET_AFTER * 1000),
            AgentError::Unavailable { .. } => problem.retry_after_ms = Some(AWAY_AFTER * 1000),
            _ => {}
        }
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after_ms.map(|ms| ms.div_ceil(1000));
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
