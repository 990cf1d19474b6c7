//! What the API says of dead letters.

use super::{
    caller::Caller,
    cursor,
    question::{Asked, Named, word},
    refusals::ReadRefusals,
    shape::letter::{DeadLetterList, WholeDeadLetter},
};
use crate::http::{AppState, problem::Problem};
use axum::{Json, extract::State};
use countersign_domain::{TaskId, reading::LetterQuery};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which dead letters. What is left out does not narrow.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LetterFilter {
    agent: Option<String>,
    kind: Option<String>,
    /// `exhausted`, `given_up` or `undeliverable`.
    cause: Option<String>,
    /// Exactly this error.
    fingerprint: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// List dead letters
///
/// Those that wait for a decision, newest first, 50 a page.
#[utoipa::path(
    get, path = "/dead-letters", tag = "Dead letters", operation_id = "listDeadLetters",
    params(LetterFilter), security(("token" = ["read"])),
    responses((status = 200, description = "A page of dead letters", body = DeadLetterList), ReadRefusals)
)]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Asked(filter): Asked<LetterFilter>,
) -> Result<Json<DeadLetterList>, Problem> {
    let mut query = LetterQuery {
        agent: filter.agent,
        kind: filter.kind,
        cause: word("cause", filter.cause.as_deref())?,
        fingerprint: filter.fingerprint,
        ..LetterQuery::default()
    };
    let question = format!("dead letters {query:?}");
    query.older_than = cursor::open(&question, filter.cursor.as_deref())?;
    let desk = state.service.read_dead_letters(&caller.actor, &query).await?;
    Ok(Json(DeadLetterList {
        dead_letters: desk.letters.into_iter().map(Into::into).collect(),
        count: desk.count,
        next: desk.older.map(|place| cursor::wrap(&question, &place)),
    }))
}

/// Read a dead letter
///
/// With its payload and attempts.
#[utoipa::path(
    get, path = "/dead-letters/{task}", tag = "Dead letters", operation_id = "getDeadLetter",
    params(("task" = String, Path, description = "The id of the letter's task")), security(("token" = ["read"])),
    responses((status = 200, description = "The dead letter", body = WholeDeadLetter), ReadRefusals)
)]
pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Named(task): Named<TaskId>,
) -> Result<Json<WholeDeadLetter>, Problem> {
    Ok(Json(state.service.read_dead_letter(&caller.actor, task).await?.into()))
}
