//! What the API does to agents.

use super::{
    caller::Caller,
    question::Named,
    refusals::{ActRefusals, ReadRefusals},
    task_acts::Reason,
};
use crate::http::{AppState, body::Body, problem::Problem};
use axum::{extract::State, http::StatusCode};
use countersign_domain::AgentName;

/// Pause an agent
///
/// No more of its tasks are handed out until it is resumed. It needs a reason.
#[utoipa::path(
    post, path = "/agents/{agent}/pause", tag = "Agents", operation_id = "pauseAgent",
    params(("agent" = String, Path, description = "The agent's name")),
    request_body = Reason, security(("token" = ["agents"])),
    responses((status = 204, description = "It is paused"), ReadRefusals, ActRefusals)
)]
pub async fn pause(
    State(state): State<AppState>,
    caller: Caller,
    Named(agent): Named<AgentName>,
    Body(why): Body<Reason>,
) -> Result<StatusCode, Problem> {
    state.service.pause_agent(&caller.actor, &agent, &why.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Resume an agent
///
/// Its tasks are handed out again.
#[utoipa::path(
    post, path = "/agents/{agent}/resume", tag = "Agents", operation_id = "resumeAgent",
    params(("agent" = String, Path, description = "The agent's name")), security(("token" = ["agents"])),
    responses((status = 204, description = "It is resumed"), ReadRefusals, ActRefusals)
)]
pub async fn resume(
    State(state): State<AppState>,
    caller: Caller,
    Named(agent): Named<AgentName>,
) -> Result<StatusCode, Problem> {
    state.service.resume_agent(&caller.actor, &agent).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Open an agent's breaker
///
/// As five bad ends in a row would: nothing is handed out for a while, then one task to see how it ends.
#[utoipa::path(
    post, path = "/agents/{agent}/breaker/open", tag = "Agents", operation_id = "openBreaker",
    params(("agent" = String, Path, description = "The agent's name")), security(("token" = ["agents"])),
    responses((status = 204, description = "It is open"), ReadRefusals, ActRefusals)
)]
pub async fn open_breaker(
    State(state): State<AppState>,
    caller: Caller,
    Named(agent): Named<AgentName>,
) -> Result<StatusCode, Problem> {
    state.service.open_breaker(&caller.actor, &agent).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Close an agent's breaker
///
/// All tasks are handed out again.
#[utoipa::path(
    post, path = "/agents/{agent}/breaker/close", tag = "Agents", operation_id = "closeBreaker",
    params(("agent" = String, Path, description = "The agent's name")), security(("token" = ["agents"])),
    responses((status = 204, description = "It is closed"), ReadRefusals, ActRefusals)
)]
pub async fn close_breaker(
    State(state): State<AppState>,
    caller: Caller,
    Named(agent): Named<AgentName>,
) -> Result<StatusCode, Problem> {
    state.service.close_breaker(&caller.actor, &agent).await?;
    Ok(StatusCode::NO_CONTENT)
}
