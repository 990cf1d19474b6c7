use crate::api::ApiError;
use leptos::prelude::*;

/// Forgets the passkey that `id` tells from the person's others.
#[server(prefix = "/api", endpoint = "account/remove_passkey")]
pub async fn remove_passkey(tenant: String, id: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.remove_passkey(&actor, &id).await)
}
