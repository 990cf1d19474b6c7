use crate::api::ApiError;
use leptos::prelude::*;

/// No code is asked for any more.
#[server(prefix = "/api", endpoint = "account/drop_codes")]
pub async fn drop_codes(tenant: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.drop_codes(&actor).await)
}
