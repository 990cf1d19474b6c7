use crate::api::ApiError;
use leptos::prelude::*;

/// Closes a dead letter about which nothing is to be done, and sends the browser back to it.
#[server(prefix = "/api", endpoint = "letter/dismiss")]
pub async fn dismiss_letter(tenant: String, id: String, #[server(default)] reason: String) -> Result<(), ApiError> {
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
    session.answer(session.service.dismiss_letter(&actor, id, &reason).await)?;
    send_to(&path::letter(&tenant, &id.to_string()));
    Ok(())
}
