use crate::api::ApiError;
use leptos::prelude::*;

/// Sets a new password by the link of `token`. It signs nobody in: a second factor is asked for as always.
#[server(prefix = "/api", endpoint = "account/recover")]
pub async fn recover(token: String, password: String) -> Result<(), ApiError> {
    use crate::api::session::{Session, send_to};

    let session = Session::here();
    session.answer(session.service.recover(&token, password, &session.context.client).await)?;
    session.forget();
    send_to("/recover/done");
    Ok(())
}
