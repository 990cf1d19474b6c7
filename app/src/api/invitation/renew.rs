use crate::api::ApiError;
use leptos::prelude::*;

/// Sends an invitation that waits again, with another link; the one before ends.
#[server(prefix = "/api", endpoint = "invitation/renew")]
pub async fn renew_invitation(tenant: String, id: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let invitation = session.id(&id)?;
    session.answer(session.service.renew_invitation(&actor, invitation).await)
}
