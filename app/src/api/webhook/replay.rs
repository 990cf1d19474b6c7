use crate::api::ApiError;
use leptos::prelude::*;

/// Has a delivery sent again, under the same id. Sends the browser to the webhook's page.
#[server(prefix = "/api", endpoint = "webhook/replay")]
pub async fn replay_delivery(tenant: String, id: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(id) = id.parse() else { return session.answer(Err(Error::NotFound)) };
    let webhook = session.answer(session.service.replay_delivery(&actor, id).await)?;
    send_to(&path::webhook(&tenant, &webhook.to_string()));
    Ok(())
}
