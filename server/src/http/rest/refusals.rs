//! What every route may answer instead, for the document.

use crate::http::problem::Problem;
use utoipa::IntoResponses;

/// Refusals of routes that read.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the document alone is made from it")]
pub enum ReadRefusals {
    /// No token, or one that does not count (any more).
    #[response(status = 401, content_type = "application/problem+json")]
    Unproven(Problem),
    /// The token lacks the scope, or the person who made it the role.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// There is no such thing in the token's organization.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// `field` names what cannot be used, `title` says why.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(Problem),
    /// The token has spent its requests: ask again after `Retry-After`.
    #[response(status = 429, content_type = "application/problem+json")]
    RateLimited(Problem),
    /// The database is away: ask again after `Retry-After`.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// What routes that change something may answer beside these.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the document alone is made from it")]
pub enum ActRefusals {
    /// The state of things does not allow it (any more); or a request with the same key is under way.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// The request is larger than 320 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
}
