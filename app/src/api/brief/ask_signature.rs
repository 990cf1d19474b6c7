use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;

/// What a browser must know to have answers signed by one of the person's passkeys. `words` is a JSON list of answers,
/// `[{"brief", "sha256", "choice", "answer", "rationale", "prediction", "check_at", "key"}, …]`, with the moment in
/// milliseconds since 1970; all of them are signed by one touch.
#[server(prefix = "/api", endpoint = "brief/ask_signature", output = JsonText)]
pub async fn ask_signature(tenant: String, #[server(default)] words: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;
    use countersign_service::{BriefWord, Error};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let words: Result<Vec<BriefWord>, _> = serde_json::from_str(&words);
    let words = words.map_err(|_| Error::invalid("words", "The page sent what cannot be read. Reload it."));
    let asked = match words {
        Ok(words) => session.service.ask_for_signature(&actor, words).await,
        // Whoever may not sign hears that first.
        Err(error) => session.service.ask_for_signature(&actor, Vec::new()).await.and(Err(error)),
    };
    session.answer_text(asked)
}
