//! How the APIs say no: `application/problem+json` (RFC 9457) with a `code` for programs.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_service::{AgentError, Error, ports::BriefFault as Fault};
use serde::Serialize;
use utoipa::ToSchema;

/// Before asking again for a task that is not recorded yet. Seconds.
const NOT_YET_AFTER: u64 = 1;
/// Before asking again when the database is away. Seconds.
pub const AWAY_AFTER: u64 = 2;

/// One refusal.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// That of the answer.
    status: u16,
    /// For programs; it never changes its meaning.
    code: &'static str,
    /// For people.
    #[schema(value_type = String)]
    title: Box<str>,
    /// What was wrong in the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// How a settled task ended.
    #[schema(ignore)]
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Box<str>>,
    /// All that is wrong with a brief, and how much more there was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<BriefFault>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<u32>,
    /// Before asking again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

/// One thing that is wrong with a brief.
#[derive(Debug, Serialize, ToSchema)]
pub struct BriefFault {
    /// The rule's word, as docs/briefs.md lists them.
    rule: String,
    /// Where: a JSON pointer (RFC 6901); empty for the whole.
    pointer: String,
    why: String,
    fix: String,
}

impl From<Fault> for BriefFault {
    fn from(Fault { rule, pointer, why, fix }: Fault) -> Self {
        Self { rule, pointer, why, fix }
    }
}

impl Problem {
    /// A brief that nobody could decide.
    pub fn refused(faults: Vec<Fault>, more: usize) -> Self {
        let title = "This brief cannot be decided as it is. Mend all of the faults, and send it again.";
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", title);
        Self { faults: faults.into_iter().map(BriefFault::from).collect(), more: u32::try_from(more).ok(), ..problem }
    }

    pub fn new(status: StatusCode, code: &'static str, title: impl ToString) -> Self {
        let title = title.to_string().into();
        Self {
            status: status.as_u16(),
            code,
            title,
            field: None,
            state: None,
            faults: Vec::new(),
            more: None,
            retry_after_ms: None,
        }
    }

    /// What stands in `field` cannot be used.
    pub fn invalid(field: &'static str, message: impl ToString) -> Self {
        Self { field: Some(field), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message) }
    }

    pub fn nothing_here() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
    }

    /// Not before so many milliseconds.
    pub fn retry_after(self, ms: u64) -> Self {
        Self { retry_after_ms: Some(ms), ..self }
    }

    /// Whether it is not known what became of the request.
    pub fn is_fault(&self) -> bool {
        self.status >= 500
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (status, code) = match &error {
            Error::SignedOut => {
                let title = "This needs a live token: “Authorization: Bearer csk_…”. A founder makes one in the console, under API tokens.";
                return Self::new(StatusCode::UNAUTHORIZED, "unproven", title);
            }
            Error::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
            Error::StepUp => (StatusCode::FORBIDDEN, "step_up"),
            Error::OutOfScope(_) => (StatusCode::FORBIDDEN, "out_of_scope"),
            Error::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Error::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Error::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Error::Throttled { .. } => (StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
            Error::Unavailable { what, cause } => {
                tracing::error!(%what, %cause, "unavailable");
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            }
        };
        let problem = Self::new(status, code, &error);
        match error {
            Error::Invalid { field, .. } => Self { field: Some(field), ..problem },
            Error::Throttled { retry_after_s } => problem.retry_after(u64::from(retry_after_s) * 1000),
            Error::Unavailable { .. } => problem.retry_after(AWAY_AFTER * 1000),
            _ => problem,
        }
    }
}

impl From<AgentError> for Problem {
    fn from(error: AgentError) -> Self {
        let (status, code) = match &error {
            AgentError::Unproven => (StatusCode::UNAUTHORIZED, "unproven"),
            AgentError::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            // Not 425: that is about early data of TLS, and proxies may act on it (RFC 8470).
            AgentError::NotYet => (StatusCode::CONFLICT, "not_yet"),
            AgentError::NotFound | AgentError::NoArtifact => (StatusCode::NOT_FOUND, "not_found"),
            AgentError::NoTask => (StatusCode::CONFLICT, "no_task"),
            AgentError::Settled(_) => (StatusCode::CONFLICT, "settled"),
            AgentError::Held { .. } => (StatusCode::CONFLICT, "held"),
            AgentError::Stale => (StatusCode::CONFLICT, "stale"),
            AgentError::LeaseOver => (StatusCode::GONE, "lease_over"),
            AgentError::NotApproved => (StatusCode::FORBIDDEN, "not_approved"),
            AgentError::WrongHash { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "wrong_hash"),
            AgentError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            AgentError::Quota { .. } => (StatusCode::INSUFFICIENT_STORAGE, "quota"),
            AgentError::Damaged => (StatusCode::INTERNAL_SERVER_ERROR, "damaged"),
            AgentError::Unavailable { what, cause } => {
                tracing::error!(%what, %cause, "unavailable");
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            }
        };
        let mut problem = Self::new(status, code, &error);
        match error {
            AgentError::Invalid { field, .. } => problem.field = Some(field),
            AgentError::WrongHash { .. } => problem.field = Some("sha256"),
            AgentError::TooLarge { .. } => problem.field = Some("body"),
            AgentError::Settled(state) => problem.state = Some(state.into()),
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
