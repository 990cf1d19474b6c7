use crate::api::ApiError;
use leptos::prelude::*;

/// Signs the person out elsewhere: ends the session that `name` tells from their others.
#[server(prefix = "/api", endpoint = "account/end_session")]
pub async fn end_session(tenant: String, name: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.end_own_session(&actor, &name).await)
}
