use crate::api::ApiError;
use leptos::prelude::*;

/// Lets people of the organization's domains in by its identity provider alone, or in every way again.
#[server(prefix = "/api", endpoint = "sso/enforce")]
pub async fn enforce_sso(tenant: String, enforced: bool) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.enforce_sso(&actor, enforced, session.context.token.as_deref()).await)
}
