use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;

/// What a browser must know to have a batch signed by one touch. `words` as of
/// [`ask_signature`](crate::api::brief::ask_signature). Answers `{"question", "asked", "dropped"}`: what changed, or was
/// decided by somebody else, since it was chosen about is in `dropped` with the reason, and not asked for; `question` is
/// `null` where nothing is left.
#[server(prefix = "/api", endpoint = "desk/ask_batch", output = JsonText)]
pub async fn ask_batch(tenant: String, #[server(default)] words: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let asked = match serde_json::from_str(&words) {
        Ok(words) => session.service.ask_for_batch(&actor, words).await,
        Err(_) => session.service.ask_for_batch(&actor, Vec::new()).await,
    };
    session.answer_text(asked)
}
