use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;

/// What a browser must know to ask for one of the person's own passkeys.
#[server(prefix = "/api", endpoint = "account/ask_for_proof", output = JsonText)]
pub async fn ask_for_proof() -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor().await?;
    session.answer_text(session.service.ask_for_proof(&actor).await)
}
