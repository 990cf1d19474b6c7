use crate::api::ApiError;
use leptos::prelude::*;

/// Switches a webhook on or off.
#[server(prefix = "/api", endpoint = "webhook/switch")]
pub async fn switch_webhook(tenant: String, id: String, #[server(default)] on: bool) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id(&id)?;
    session.answer(session.service.switch_webhook(&actor, id, on).await)
}
