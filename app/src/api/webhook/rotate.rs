use crate::api::ApiError;
use leptos::prelude::*;

/// Gives a webhook another secret, and answers it; the one of before counts for a day beside it.
#[server(prefix = "/api", endpoint = "webhook/rotate")]
pub async fn rotate_webhook(tenant: String, id: String) -> Result<String, ApiError> {
    use crate::api::session::Session;
    use countersign_service::ExposeSecret;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id(&id)?;
    let secret = session.answer(session.service.rotate_webhook(&actor, id).await)?;
    Ok(secret.expose_secret().to_owned())
}
