use crate::api::ApiError;
use leptos::prelude::*;

/// Gives an agent a task and sends the browser to it. `not_before` is UTC as a browser's field for date and
/// time writes it; empty is now.
#[server(prefix = "/api", endpoint = "task/create")]
pub async fn create_task(
    tenant: String,
    agent: String,
    kind: String,
    #[server(default)] payload: String,
    #[server(default)] correlation_id: String,
    #[server(default)] not_before: String,
    #[server(default)] priority: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::{moment, path},
    };
    use countersign_service::{Error, TaskForm};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let not_before = match not_before.trim() {
        "" => None,
        text => match moment::from_utc(text) {
            Some(at) => Some(at),
            None => return session.answer(Err(Error::invalid("not_before", "Enter a date and a time, or neither."))),
        },
    };
    // What is no number is out of bounds, and said to be so.
    let priority = if priority.trim().is_empty() { 0 } else { priority.trim().parse().unwrap_or(-1) };
    let form = TaskForm { agent, kind, payload, correlation_id, not_before, priority };
    let task = session.answer(session.service.create_task(&actor, form).await)?;
    send_to(&path::task(&tenant, &task.to_string()));
    Ok(())
}
