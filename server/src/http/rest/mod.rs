//! The REST API: what programs of an organization may ask with a token, under `/api/v1`. The same use cases as
//! the console's, and the same policy. docs/api.md is its guide; docs/openapi.json is made from what is here.

mod agent_acts;
mod agents;
mod allocation;
mod briefs;
mod caller;
mod context;
mod cursor;
mod decisions;
mod document;
mod journal;
mod letter_acts;
mod letters;
mod once;
mod question;
mod quota;
mod refusals;
mod replays;
mod reviews;
pub mod shape;
mod task_acts;
mod tasks;

pub use document::document;
pub use question::{Asked, Named};

use super::{AppState, body::MOST_BYTES, problem::Problem};
use axum::{Json, Router, extract::DefaultBodyLimit, http::StatusCode, middleware::from_fn_with_state, routing::get};
use quota::Quotas;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route that takes a token, with its part of the document: a route without one cannot be added.
fn with_token() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(tasks::list, task_acts::create))
        .routes(routes!(tasks::get))
        .routes(routes!(task_acts::cancel))
        .routes(routes!(task_acts::reprioritise))
        .routes(routes!(agents::list))
        .routes(routes!(agents::get))
        .routes(routes!(agent_acts::pause))
        .routes(routes!(agent_acts::resume))
        .routes(routes!(agent_acts::open_breaker))
        .routes(routes!(agent_acts::close_breaker))
        .routes(routes!(letters::list))
        .routes(routes!(letters::get))
        .routes(routes!(letter_acts::replay))
        .routes(routes!(letter_acts::dismiss))
        .routes(routes!(replays::start))
        .routes(routes!(replays::stop))
        .routes(routes!(reviews::list))
        .routes(routes!(reviews::get))
        .routes(routes!(decisions::list))
        .routes(routes!(decisions::get))
        .routes(routes!(journal::list))
        .routes(routes!(journal::head))
}

/// Every route that takes a person's token and an agent's alike.
fn with_either() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(briefs::raise)).routes(routes!(allocation::get)).routes(routes!(context::get))
}

/// The routes below `/api/v1`.
pub fn routes(state: &AppState) -> Router<AppState> {
    let known = (state.clone(), Arc::new(Quotas::default()));
    let guard = from_fn_with_state(known.clone(), caller::guard);
    let (with_token, _) = with_token().route_layer(guard).split_for_parts();
    let either = from_fn_with_state(known, caller::guard_either);
    let (with_either, _) = with_either().route_layer(either).split_for_parts();
    with_token
        .merge(with_either)
        .route("/openapi.json", get(async || Json(document())))
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "This address does not take that method.")
        })
        .layer(DefaultBodyLimit::max(MOST_BYTES))
}
