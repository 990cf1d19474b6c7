use crate::api::ApiError;
use leptos::prelude::*;

/// Makes a secret for the person's authenticator app; their page shows it.
#[server(prefix = "/api", endpoint = "account/begin_codes")]
pub async fn begin_codes(tenant: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.begin_codes(&actor).await)
}
