//! How the organization's means are shared out among its agents.

use super::{caller::Speaker, refusals::ReadRefusals, shape::each};
use crate::http::{AppState, problem::Problem};
use axum::{Json, extract::State};
use countersign_domain::reading::{AllocationChange, AllocationView, ShareRow};
use serde::Serialize;
use utoipa::ToSchema;

/// What counts now, and what was decided.
#[derive(Serialize, ToSchema)]
pub struct Allocation {
    /// By the agents' names.
    shares: Vec<AllocationShare>,
    /// The decision that says so; null: nobody decided, and each agent weighs the same.
    decision: Option<String>,
    /// What was decided, newest first.
    decided: Vec<DecidedAllocation>,
}

/// What one agent gets.
#[derive(Serialize, ToSchema)]
pub struct AllocationShare {
    agent: String,
    /// Per mille of all capacity.
    weight: u32,
    /// In millionths of a dollar, a day; null where neither a decision nor its role file says one.
    budget_micro_usd: Option<i64>,
    /// Whether the budget is its role file's.
    budget_of_role: bool,
}

/// An allocation that was decided.
#[derive(Serialize, ToSchema)]
pub struct DecidedAllocation {
    #[schema(format = "uuid")]
    decision: String,
    #[schema(format = "uuid")]
    brief: String,
    title: String,
    decided_by: String,
    #[schema(format = DateTime)]
    decided_at: String,
    /// The shares, in a sentence.
    words: String,
}

impl From<ShareRow> for AllocationShare {
    fn from(ShareRow { agent, weight, budget_micro_usd, is_of_role }: ShareRow) -> Self {
        Self { agent, weight, budget_micro_usd, budget_of_role: is_of_role }
    }
}

impl From<AllocationChange> for DecidedAllocation {
    fn from(change: AllocationChange) -> Self {
        let AllocationChange { decision, brief, title, by, at, words } = change;
        Self { decision, brief, title, decided_by: by, decided_at: at.to_rfc3339(), words }
    }
}

impl From<AllocationView> for Allocation {
    fn from(read: AllocationView) -> Self {
        let decision = read.decided.first().map(|change| change.decision.clone());
        Self { shares: each(read.shares), decision, decided: each(read.decided) }
    }
}

/// See what each agent gets
///
/// Weights and budgets, and the decision that set them. A founder's decision of a brief changes them, and nothing else
/// does. Agents ask with their own tokens.
#[utoipa::path(
    get, path = "/allocation", tag = "Agents", operation_id = "getAllocation", security(("token" = ["read"])),
    responses((status = 200, description = "What counts now", body = Allocation), ReadRefusals)
)]
pub async fn get(State(state): State<AppState>, speaker: Speaker) -> Result<Json<Allocation>, Problem> {
    let read = match speaker {
        Speaker::Person(actor) => state.service.read_allocation(&actor).await?,
        Speaker::Agent(agent) => state.service.read_allocation_as_agent(&agent).await?,
    };
    Ok(Json(read.into()))
}
