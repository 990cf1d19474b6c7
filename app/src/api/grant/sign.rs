use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;

/// Gives the grant that a passkey signed; answers its id. `ceremony` and `answer` come from the page's script.
#[server(prefix = "/api", endpoint = "grant/sign", output = JsonText)]
pub async fn sign_grant(tenant: String, ceremony: String, answer: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer_text(session.service.sign_grant(&actor, &ceremony, &answer).await)
}
