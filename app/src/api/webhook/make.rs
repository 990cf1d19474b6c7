use crate::api::ApiError;
use leptos::prelude::*;

/// Makes a webhook; answers its secret, which is not shown again, or nothing where nothing is signed. `shape` is
/// `signed` or `chat`; `kinds` are words of [`NoticeKind`](countersign_domain::notice::NoticeKind).
#[server(prefix = "/api", endpoint = "webhook/make")]
pub async fn make_webhook(
    tenant: String,
    once: String,
    #[server(default)] name: String,
    #[server(default)] url: String,
    #[server(default)] shape: String,
    #[server(default)] kinds: Vec<String>,
) -> Result<String, ApiError> {
    use crate::api::session::Session;
    use countersign_service::{ExposeSecret, WebhookForm};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let form = WebhookForm { once, name, url, shape, kinds };
    let secret = session.answer(session.service.make_webhook(&actor, form).await)?;
    Ok(secret.map(|secret| secret.expose_secret().to_owned()).unwrap_or_default())
}
