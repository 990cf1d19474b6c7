use crate::api::ApiError;
use leptos::prelude::*;

/// Keeps a passkey that the browser has made. `ceremony` and `answer` come from the page's script.
#[server(prefix = "/api", endpoint = "account/add_passkey")]
pub async fn add_passkey(tenant: String, name: String, ceremony: String, answer: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.add_passkey(&actor, &name, &ceremony, &answer).await)
}
