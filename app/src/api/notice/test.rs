use crate::api::ApiError;
use leptos::prelude::*;

/// Has a mail sent to whoever asks, by which they see that mails arrive.
#[server(prefix = "/api", endpoint = "notice/test")]
pub async fn test_notices(tenant: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.test_notices(&actor).await)
}
