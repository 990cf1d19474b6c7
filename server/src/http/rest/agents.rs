//! What the API says of agents.

use super::{
    caller::Caller,
    question::Named,
    refusals::ReadRefusals,
    shape::agent::{AgentList, WholeAgent},
};
use crate::http::{AppState, problem::Problem};
use axum::{Json, extract::State};
use countersign_domain::AgentName;

/// List agents
///
/// The fleet as it is now, in order of name.
#[utoipa::path(
    get, path = "/agents", tag = "Agents", operation_id = "listAgents", security(("token" = ["read"])),
    responses((status = 200, description = "The fleet", body = AgentList), ReadRefusals)
)]
pub async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<AgentList>, Problem> {
    let fleet = state.service.read_fleet(&caller.actor).await?;
    Ok(Json(AgentList { agents: fleet.agents.into_iter().map(Into::into).collect() }))
}

/// Read an agent
///
/// With its credentials and what they allow.
#[utoipa::path(
    get, path = "/agents/{agent}", tag = "Agents", operation_id = "getAgent",
    params(("agent" = String, Path, description = "The agent's name")), security(("token" = ["read"])),
    responses((status = 200, description = "The agent", body = WholeAgent), ReadRefusals)
)]
pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Named(agent): Named<AgentName>,
) -> Result<Json<WholeAgent>, Problem> {
    Ok(Json(state.service.read_agent(&caller.actor, &agent).await?.into()))
}
