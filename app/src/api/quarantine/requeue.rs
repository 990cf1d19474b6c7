use crate::api::ApiError;
use leptos::prelude::*;

/// Has a message in quarantine done as a task, as it was mended, and sends the browser to the task.
#[server(prefix = "/api", endpoint = "quarantine/requeue")]
pub async fn requeue_message(
    tenant: String,
    id: String,
    agent: String,
    kind: String,
    payload: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_service::{Error, TaskForm};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(id) = id.parse() else {
        return session.answer(Err(Error::NotFound));
    };
    let form = TaskForm { agent, kind, payload, ..TaskForm::default() };
    let task = session.answer(session.service.requeue_message(&actor, id, form).await)?;
    send_to(&path::task(&tenant, &task.to_string()));
    Ok(())
}
