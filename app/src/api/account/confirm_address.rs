use crate::api::ApiError;
use leptos::prelude::*;

/// Confirms the address that the link of `token` was sent to, for whoever is signed in, if it is theirs.
#[server(prefix = "/api", endpoint = "account/confirm_address")]
pub async fn confirm_address(token: String) -> Result<(), ApiError> {
    use crate::api::session::{Session, send_to};

    let session = Session::here();
    let (here, client) = (session.context.token.as_deref(), &session.context.client);
    session.answer(session.service.confirm_address(&token, here, client).await)?;
    send_to("/verify/done");
    Ok(())
}
