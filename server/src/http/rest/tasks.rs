//! What the API says of tasks.

use super::{
    caller::Caller,
    cursor,
    question::{Asked, Named, moment},
    refusals::ReadRefusals,
    shape::task::{TaskList, WholeTask},
};
use crate::http::{AppState, problem::Problem};
use axum::{Json, extract::State};
use countersign_domain::{TaskId, reading::TaskQuery, task::TaskState};
use serde::Deserialize;
use utoipa::IntoParams;

/// What to look for. What is left out does not narrow.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaskFilter {
    /// Any of these states, with commas between them: `dead,failed`.
    state: Option<String>,
    agent: Option<String>,
    kind: Option<String>,
    /// Words in the payload, the agent, the kind or the reason.
    text: Option<String>,
    /// Exactly this trace.
    correlation_id: Option<String>,
    /// Created at or after this moment.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Created before this moment.
    #[param(format = DateTime)]
    to: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// List tasks
///
/// Newest first, 50 a page. A walk with `next` finds each task once, whatever is created meanwhile.
#[utoipa::path(
    get, path = "/tasks", tag = "Tasks", operation_id = "listTasks",
    params(TaskFilter), security(("token" = ["read"])),
    responses((status = 200, description = "A page of tasks", body = TaskList), ReadRefusals)
)]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Asked(filter): Asked<TaskFilter>,
) -> Result<Json<TaskList>, Problem> {
    let words = filter.state.iter().flat_map(|states| states.split(','));
    let states: Result<Vec<TaskState>, _> = words.map(|word| word.trim().parse()).collect();
    let mut query = TaskQuery {
        state: states.map_err(|error| Problem::invalid("state", error))?,
        agent: filter.agent,
        kind: filter.kind,
        text: filter.text,
        trace: filter.correlation_id,
        from: moment("from", filter.from.as_deref())?,
        to: moment("to", filter.to.as_deref())?,
        ..TaskQuery::default()
    };
    let question = format!("tasks {query:?}");
    query.older_than = cursor::open(&question, filter.cursor.as_deref())?;
    let page = state.service.search_tasks(&caller.actor, &query).await?;
    Ok(Json(TaskList {
        tasks: page.rows.into_iter().map(Into::into).collect(),
        count: page.count,
        next: page.older.map(|place| cursor::wrap(&question, &place)),
    }))
}

/// Read a task
///
/// With its attempts, payload and result.
#[utoipa::path(
    get, path = "/tasks/{task}", tag = "Tasks", operation_id = "getTask",
    params(("task" = String, Path, description = "The task's id")), security(("token" = ["read"])),
    responses((status = 200, description = "The task", body = WholeTask), ReadRefusals)
)]
pub async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Named(task): Named<TaskId>,
) -> Result<Json<WholeTask>, Problem> {
    Ok(Json(state.service.read_task(&caller.actor, task).await?.into()))
}
