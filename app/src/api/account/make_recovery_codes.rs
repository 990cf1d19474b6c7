use crate::api::ApiError;
use leptos::prelude::*;

/// New recovery codes in place of the ones from before, one a line, this once.
#[server(prefix = "/api", endpoint = "account/make_recovery_codes")]
pub async fn make_recovery_codes(tenant: String) -> Result<String, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.make_recovery_codes(&actor).await.map(|codes| codes.join("\n")))
}
