use crate::api::ApiError;
use leptos::prelude::*;

/// Asks for a link to a new password. The answer is the same whether anybody has this address.
#[server(prefix = "/api", endpoint = "account/ask_recovery")]
pub async fn ask_recovery(email: String) -> Result<(), ApiError> {
    use crate::api::session::{Session, send_to};

    let session = Session::here();
    session.answer(session.service.ask_recovery(&email, &session.context.client).await)?;
    send_to("/recover/sent");
    Ok(())
}
