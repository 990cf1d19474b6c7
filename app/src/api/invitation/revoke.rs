use crate::api::ApiError;
use leptos::prelude::*;

/// Takes an invitation that waits back: its link ends.
#[server(prefix = "/api", endpoint = "invitation/revoke")]
pub async fn revoke_invitation(tenant: String, id: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let invitation = session.id(&id)?;
    session.answer(session.service.revoke_invitation(&actor, invitation).await)
}
