use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;

/// What a browser must know to make a passkey for the person.
#[server(prefix = "/api", endpoint = "account/begin_passkey", output = JsonText)]
pub async fn begin_passkey() -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor().await?;
    session.answer_text(session.service.begin_passkey(&actor).await)
}
