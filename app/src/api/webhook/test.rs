use crate::api::ApiError;
use leptos::prelude::*;

/// Has something sent to a webhook that says that nothing waits.
#[server(prefix = "/api", endpoint = "webhook/test")]
pub async fn test_webhook(tenant: String, id: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id(&id)?;
    session.answer(session.service.test_webhook(&actor, id).await)
}
