use crate::api::ApiError;
use leptos::prelude::*;

/// Calls a task off and sends the browser back to it.
#[server(prefix = "/api", endpoint = "task/cancel")]
pub async fn cancel_task(tenant: String, id: String, #[server(default)] reason: String) -> Result<(), ApiError> {
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
    session.answer(session.service.cancel_task(&actor, id, &reason).await)?;
    send_to(&path::task(&tenant, &id.to_string()));
    Ok(())
}
