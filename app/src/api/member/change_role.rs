use crate::api::ApiError;
use leptos::prelude::*;

/// Gives a member another role, from their next request on.
#[server(prefix = "/api", endpoint = "member/change_role")]
pub async fn change_role(tenant: String, id: String, #[server(default)] role: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let person = session.id(&id)?;
    session.answer(session.service.change_role(&actor, person, &role).await)
}
