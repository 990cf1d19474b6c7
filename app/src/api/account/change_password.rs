use crate::api::ApiError;
use leptos::prelude::*;

/// Gives the person another password; all other sessions end.
#[server(prefix = "/api", endpoint = "account/change_password")]
pub async fn change_password(tenant: String, current: String, new: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    // Without a token nobody is an actor.
    let token = session.context.token.clone().unwrap_or_default();
    let client = &session.context.client;
    let renewed = session.answer(session.service.change_password(&actor, &token, client, &current, new).await)?;
    session.renew(&renewed);
    Ok(())
}
