use crate::api::ApiError;
use leptos::prelude::*;

/// Does a dead letter again as it is, and sends the browser to the task that does it.
#[server(prefix = "/api", endpoint = "letter/replay")]
pub async fn replay_letter(tenant: String, id: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(id) = id.parse() else {
        return session.answer(Err(Error::NotFound));
    };
    let task = session.answer(session.service.replay_letter(&actor, id, None).await)?;
    send_to(&path::task(&tenant, &task.to_string()));
    Ok(())
}
