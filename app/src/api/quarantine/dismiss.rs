use crate::api::ApiError;
use leptos::prelude::*;

/// Takes a message from quarantine about which nothing is to be done, and sends the browser back to the rest.
#[server(prefix = "/api", endpoint = "quarantine/dismiss")]
pub async fn dismiss_message(tenant: String, id: String, #[server(default)] reason: String) -> Result<(), ApiError> {
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
    session.answer(session.service.dismiss_message(&actor, id, &reason).await)?;
    send_to(&path::of_tenant(&tenant, "/quarantine"));
    Ok(())
}
