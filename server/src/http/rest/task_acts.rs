//! What the API does to tasks.

use super::{
    caller::Caller,
    once::{Keyed, Made},
    question::{Named, moment},
    refusals::{ActRefusals, ReadRefusals},
};
use crate::http::{AppState, body::Body, problem::Problem};
use axum::{extract::State, http::StatusCode, response::Response};
use countersign_domain::TaskId;
use countersign_service::TaskForm;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A task to be done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedTask {
    /// Whose queue it goes to.
    agent: String,
    /// What its workers listen for: a to z, 0 to 9, _ and -.
    kind: String,
    /// A JSON object of at most 256 KiB; `title` or `task` in it names the task in lists.
    #[schema(value_type = Option<Object>)]
    payload: Option<Box<RawValue>>,
    /// The trace that it belongs to; left out, it begins one of its own.
    correlation_id: Option<String>,
    /// Not before this moment; left out, now.
    #[schema(format = DateTime)]
    not_before: Option<String>,
    /// 0 to 9; 9 goes first among this agent's tasks that are not on the bus yet.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 9)]
    priority: i64,
}

/// The task that was made.
#[derive(Serialize, ToSchema)]
pub struct MadeTask {
    #[schema(format = "uuid")]
    pub task: String,
}

/// The answer for a task that was made.
pub fn made(task: TaskId) -> Made<MadeTask> {
    let location = Some(format!("/api/v1/tasks/{task}"));
    Made { status: StatusCode::CREATED, location, body: MadeTask { task: task.to_string() } }
}

/// Create a task
///
/// It goes to the bus when it is due; while the bus is away it waits.
#[utoipa::path(
    post, path = "/tasks", tag = "Tasks", operation_id = "createTask",
    params(("Idempotency-Key" = Option<String>, Header, description = "A name for this request, such as a UUID. Said again within 24 hours, it is answered again and makes nothing more")),
    request_body = WantedTask, security(("token" = ["tasks"])),
    responses((status = 201, description = "It is created; `Location` is its address", body = MadeTask), ReadRefusals, ActRefusals)
)]
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Keyed { wanted, key }: Keyed<WantedTask>,
) -> Result<Response, Problem> {
    let form = TaskForm {
        agent: wanted.agent,
        kind: wanted.kind,
        payload: wanted.payload.map(|payload| payload.get().to_owned()).unwrap_or_default(),
        correlation_id: wanted.correlation_id.unwrap_or_default(),
        not_before: moment("not_before", wanted.not_before.as_deref())?,
        priority: wanted.priority,
    };
    key.once(&state, &caller, async |id| {
        let task = match id {
            Some(id) => state.service.create_task_as(&caller.actor, TaskId(id), form).await?,
            None => state.service.create_task(&caller.actor, form).await?,
        };
        Ok(made(task))
    })
    .await
}

/// Why.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reason {
    /// At most 500 characters; kept with the act.
    pub reason: String,
}

/// Cancel a task
///
/// A worker that has it already may finish, but nothing follows from that.
#[utoipa::path(
    post, path = "/tasks/{task}/cancel", tag = "Tasks", operation_id = "cancelTask",
    params(("task" = String, Path, description = "The task's id")),
    request_body = Option<Reason>, security(("token" = ["tasks"])),
    responses((status = 204, description = "It is cancelled"), ReadRefusals, ActRefusals)
)]
pub async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    Named(task): Named<TaskId>,
    Body(why): Body<Reason>,
) -> Result<StatusCode, Problem> {
    state.service.cancel_task(&caller.actor, task, &why.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Another place in the line.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    #[schema(minimum = 0, maximum = 9)]
    priority: i64,
}

/// Change a task's priority
///
/// Among those of its agent that are not on the bus yet.
#[utoipa::path(
    post, path = "/tasks/{task}/reprioritise", tag = "Tasks", operation_id = "reprioritiseTask",
    params(("task" = String, Path, description = "The task's id")),
    request_body = Place, security(("token" = ["tasks"])),
    responses((status = 204, description = "It has its new place"), ReadRefusals, ActRefusals)
)]
pub async fn reprioritise(
    State(state): State<AppState>,
    caller: Caller,
    Named(task): Named<TaskId>,
    Body(place): Body<Place>,
) -> Result<StatusCode, Problem> {
    state.service.reprioritise_task(&caller.actor, task, place.priority).await?;
    Ok(StatusCode::NO_CONTENT)
}
