//! What founders know and agents cannot see.

use super::{
    caller::Speaker,
    refusals::ReadRefusals,
    shape::{each, moment},
};
use crate::http::{AppState, problem::Problem};
use axum::{Json, extract::State};
use countersign_domain::reading::{ContextView, FactRow};
use serde::Serialize;
use utoipa::ToSchema;

/// The facts.
#[derive(Serialize, ToSchema)]
pub struct Context {
    /// Those that hold or will, by when they begin.
    facts: Vec<Fact>,
    /// Those that are over or were taken back, the newest first.
    past: Vec<Fact>,
}

/// Something that agents cannot see, in its newest version.
#[derive(Serialize, ToSchema)]
pub struct Fact {
    #[schema(format = "uuid")]
    id: String,
    /// From 1.
    version: u32,
    /// `commitment`, `freeze` or `seasonality`.
    kind: &'static str,
    text: String,
    #[schema(format = DateTime)]
    from: String,
    /// Null: until further notice.
    #[schema(format = DateTime)]
    until: Option<String>,
    /// It has begun, and is not over.
    holds: bool,
    withdrawn: bool,
    told_by: String,
    #[schema(format = DateTime)]
    told_at: String,
}

impl From<FactRow> for Fact {
    fn from(row: FactRow) -> Self {
        Self {
            id: row.id,
            version: row.version,
            kind: row.kind.as_str(),
            text: row.text,
            from: row.from.to_rfc3339(),
            until: moment(row.until),
            holds: row.holds,
            withdrawn: row.withdrawn,
            told_by: row.by,
            told_at: row.at.to_rfc3339(),
        }
    }
}

impl From<ContextView> for Context {
    fn from(read: ContextView) -> Self {
        Self { facts: each(read.facts), past: each(read.past) }
    }
}

/// See what founders know
///
/// Commitments, freezes and seasonality, told by founders. A brief names in `facts` those that it rests on. Agents ask
/// with their own tokens, and hear of changes on `events.countersign.context.changed`.
#[utoipa::path(
    get, path = "/context", tag = "Briefs", operation_id = "getContext", security(("token" = ["read"])),
    responses((status = 200, description = "The facts", body = Context), ReadRefusals)
)]
pub async fn get(State(state): State<AppState>, speaker: Speaker) -> Result<Json<Context>, Problem> {
    let read = match speaker {
        Speaker::Person(actor) => state.service.read_context(&actor).await?,
        Speaker::Agent(agent) => state.service.read_context_as_agent(&agent).await?,
    };
    Ok(Json(read.into()))
}
