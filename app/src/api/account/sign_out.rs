use crate::api::ApiError;
use leptos::prelude::*;

/// Ends the session, on the server too.
#[server(prefix = "/api", endpoint = "account/sign_out")]
pub async fn sign_out() -> Result<(), ApiError> {
    use crate::api::session::{Session, send_to};

    let session = Session::here();
    if let Some(token) = &session.context.token {
        session.answer(session.service.sign_out(token, &session.context.client).await)?;
    }
    session.forget();
    send_to("/sign-in");
    Ok(())
}
