use crate::api::ApiError;
use leptos::prelude::*;

/// Starts a session for whoever the passkey belongs to. `ceremony` and `answer` come from the page's script.
#[server(prefix = "/api", endpoint = "account/sign_in_passkey")]
pub async fn sign_in_passkey(
    ceremony: String,
    answer: String,
    #[server(default)] next: String,
) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let signed_in = session.service.sign_in_with_passkey(&ceremony, &answer, &session.context.client).await;
    session.welcome(&session.answer(signed_in)?, &next);
    Ok(())
}
