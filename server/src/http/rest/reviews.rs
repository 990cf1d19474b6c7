//! What the API says of role files and their reviews. Deciding them is for people: no token does it.

use super::{
    caller::Caller,
    question::Named,
    refusals::ReadRefusals,
    shape::review::{ReviewList, WholeReview},
};
use crate::http::{AppState, problem::Problem};
use axum::{Json, extract::State};
use countersign_domain::ReviewId;

/// List reviews
///
/// All that are open or stand, and the newest 100 of the others: the open ones first, the gravest of them before all.
#[utoipa::path(
    get, path = "/reviews", tag = "Reviews", operation_id = "listReviews", security(("token" = ["read"])),
    responses((status = 200, description = "The reviews", body = ReviewList), ReadRefusals)
)]
pub async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<ReviewList>, Problem> {
    Ok(Json(state.service.read_reviews(&caller.actor).await?.into()))
}

/// Read a review
///
/// With the role file, what changes by it, what was found, how the probe went, and who decided.
#[utoipa::path(
    get, path = "/reviews/{review}", tag = "Reviews", operation_id = "getReview",
    params(("review" = String, Path, description = "The review's id")), security(("token" = ["read"])),
    responses((status = 200, description = "The review", body = WholeReview), ReadRefusals)
)]
pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Named(review): Named<ReviewId>,
) -> Result<Json<WholeReview>, Problem> {
    Ok(Json(state.service.read_review(&caller.actor, review).await?.into()))
}
