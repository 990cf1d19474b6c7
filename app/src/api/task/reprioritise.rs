use crate::api::ApiError;
use leptos::prelude::*;

/// Gives a task that is not on the bus yet another priority, and sends the browser back to it.
#[server(prefix = "/api", endpoint = "task/reprioritise")]
pub async fn reprioritise_task(tenant: String, id: String, priority: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::TaskId;
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(id) = id.parse::<TaskId>() else {
        return session.answer(Err(Error::NotFound));
    };
    // What is no number is out of bounds, and said to be so.
    let priority = priority.trim().parse().unwrap_or(-1);
    session.answer(session.service.reprioritise_task(&actor, id, priority).await)?;
    send_to(&path::task(&tenant, &id.to_string()));
    Ok(())
}
