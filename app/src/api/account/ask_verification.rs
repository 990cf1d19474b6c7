use crate::api::ApiError;
use leptos::prelude::*;

/// Sends a link to the person's own address, by which they confirm that it is theirs.
#[server(prefix = "/api", endpoint = "account/ask_verification")]
pub async fn ask_verification(tenant: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.ask_verification(&actor).await)
}
