//! The journal by the API.

use super::{
    caller::Caller,
    cursor,
    question::Asked,
    refusals::ReadRefusals,
    shape::journal::{EntryList, Head},
};
use crate::http::{AppState, problem::Problem};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

/// Where to begin.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct From {
    /// The number of an entry: begin with the next one. Left out, with the first.
    after: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// What cursors of the journal belong to.
const QUESTION: &str = "journal";

/// List entries of the journal
///
/// Oldest first, 100 a page, or fewer where they are long. To follow the journal, ask `after` the last entry that
/// you have.
#[utoipa::path(
    get, path = "/journal", tag = "Journal", operation_id = "listEntries",
    params(From), security(("token" = ["read"])),
    responses((status = 200, description = "A page of entries", body = EntryList), ReadRefusals)
)]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Asked(from): Asked<From>,
) -> Result<Json<EntryList>, Problem> {
    let place = cursor::open(QUESTION, from.cursor.as_deref())?.and_then(|place| place.parse().ok());
    let after = match (from.after, place) {
        (Some(_), Some(_)) => return Err(Problem::invalid("after", "Say either `after` or `cursor`.")),
        (after, place) => place.or(after).unwrap_or(0),
    };
    let page = state.service.read_journal(&caller.actor, after).await?;
    let last = page.entries.last().map(|entry| entry.seq).filter(|last| *last < page.head.seq);
    Ok(Json(EntryList {
        entries: page.entries.into_iter().map(Into::into).collect(),
        head: page.head.into(),
        next: last.map(|last| cursor::wrap(QUESTION, &last.to_string())),
    }))
}

/// Read the journal's head
///
/// The newest entry's number and hash. Kept elsewhere, it shows later whether entries were changed or cut off.
#[utoipa::path(
    get, path = "/journal/head", tag = "Journal", operation_id = "getHead", security(("token" = ["read"])),
    responses((status = 200, description = "The head", body = Head), ReadRefusals)
)]
pub async fn head(State(state): State<AppState>, caller: Caller) -> Result<Json<Head>, Problem> {
    Ok(Json(state.service.read_journal_head(&caller.actor).await?.into()))
}
