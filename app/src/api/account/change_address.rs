use crate::api::ApiError;
use leptos::prelude::*;

/// Sends a link to another address, which takes the place of the person's once it is confirmed.
#[server(prefix = "/api", endpoint = "account/change_address")]
pub async fn change_address(tenant: String, email: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.change_address(&actor, &email).await)
}
