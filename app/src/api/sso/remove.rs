use crate::api::ApiError;
use leptos::prelude::*;

/// Forgets the organization's identity provider.
#[server(prefix = "/api", endpoint = "sso/remove")]
pub async fn remove_sso(tenant: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.remove_sso(&actor).await)
}
