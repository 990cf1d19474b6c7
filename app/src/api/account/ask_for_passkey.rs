use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;

/// What a browser must know to ask for a passkey at sign-in; as W3C Web Authentication has it in JSON.
#[server(prefix = "/api", endpoint = "account/ask_for_passkey", output = JsonText)]
pub async fn ask_for_passkey() -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    session.answer_text(session.service.ask_for_passkey().await)
}
