use crate::api::ApiError;
use leptos::prelude::*;

/// Signs the person out everywhere but here.
#[server(prefix = "/api", endpoint = "account/end_other_sessions")]
pub async fn end_other_sessions(tenant: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    // Without a token nobody is an actor.
    let token = session.context.token.clone().unwrap_or_default();
    session.answer(session.service.end_other_sessions(&actor, &token).await.map(drop))
}
