use crate::api::ApiError;
use leptos::prelude::*;

/// Asks whoever has this address to join the tenant in a role, by mail.
#[server(prefix = "/api", endpoint = "member/invite")]
pub async fn invite_member(tenant: String, email: String, #[server(default)] role: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.invite_member(&actor, &email, &role).await)
}
