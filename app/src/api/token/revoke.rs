use crate::api::ApiError;
use leptos::prelude::*;

/// Ends a token: its holder is refused from now on.
#[server(prefix = "/api", endpoint = "token/revoke")]
pub async fn revoke_token(tenant: String, id: String) -> Result<(), ApiError> {
    use crate::api::session::Session;
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(id) = id.parse() else {
        return session.answer(Err(Error::NotFound));
    };
    session.answer(session.service.revoke_token(&actor, id).await)
}
