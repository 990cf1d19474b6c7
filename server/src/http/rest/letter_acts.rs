//! What the API does to one dead letter.

use super::{
    caller::Caller,
    once::Keyed,
    question::Named,
    refusals::{ActRefusals, ReadRefusals},
    task_acts::{MadeTask, Reason, made},
};
use crate::http::{AppState, body::Body, problem::Problem};
use axum::{extract::State, http::StatusCode, response::Response};
use countersign_domain::TaskId;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// How to do a dead letter again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mended {
    /// Another payload; left out, the letter's own.
    #[schema(value_type = Option<Object>)]
    payload: Option<Box<RawValue>>,
}

/// Replay a dead letter
///
/// As a new task; the letter stays as it was, with a link to it.
#[utoipa::path(
    post, path = "/dead-letters/{task}/replay", tag = "Dead letters", operation_id = "replayDeadLetter",
    params(
        ("task" = String, Path, description = "The id of the letter's task"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this request, such as a UUID. Said again within 24 hours, it is answered again and makes nothing more")
    ),
    request_body = Option<Mended>, security(("token" = ["dead_letters"])),
    responses((status = 201, description = "The task that does it again; `Location` is its address", body = MadeTask), ReadRefusals, ActRefusals)
)]
pub async fn replay(
    State(state): State<AppState>,
    caller: Caller,
    Named(letter): Named<TaskId>,
    Keyed { wanted, key }: Keyed<Mended>,
) -> Result<Response, Problem> {
    key.once(&state, &caller, async |_| {
        let payload = wanted.payload.as_ref().map(|payload| payload.get());
        Ok(made(state.service.replay_letter(&caller.actor, letter, payload).await?))
    })
    .await
}

/// Dismiss a dead letter
///
/// Nothing is to be done about it. It needs a reason, which is kept with the letter.
#[utoipa::path(
    post, path = "/dead-letters/{task}/dismiss", tag = "Dead letters", operation_id = "dismissDeadLetter",
    params(("task" = String, Path, description = "The id of the letter's task")),
    request_body = Reason, security(("token" = ["dead_letters"])),
    responses((status = 204, description = "It is dismissed"), ReadRefusals, ActRefusals)
)]
pub async fn dismiss(
    State(state): State<AppState>,
    caller: Caller,
    Named(letter): Named<TaskId>,
    Body(why): Body<Reason>,
) -> Result<StatusCode, Problem> {
    state.service.dismiss_letter(&caller.actor, letter, &why.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
