use crate::api::ApiError;
use leptos::prelude::*;

/// Ends a membership, from the member's next request on.
#[server(prefix = "/api", endpoint = "member/remove")]
pub async fn remove_member(tenant: String, id: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let person = session.id(&id)?;
    session.answer(session.service.remove_member(&actor, person).await)
}
