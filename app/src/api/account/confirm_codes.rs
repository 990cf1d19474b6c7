use crate::api::ApiError;
use leptos::prelude::*;

/// The app shows `code`: from now on codes are asked for. Answers the recovery codes, one a line, this once.
#[server(prefix = "/api", endpoint = "account/confirm_codes")]
pub async fn confirm_codes(tenant: String, code: String) -> Result<String, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.confirm_codes(&actor, &code).await.map(|codes| codes.join("\n")))
}
