use crate::api::ApiError;
use leptos::prelude::*;

/// Makes an account for the person who was invited by the link of `token`; they join and are signed in.
#[server(prefix = "/api", endpoint = "account/accept_invitation")]
pub async fn accept_invitation(token: String, name: String, password: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };

    let session = Session::here();
    let client = &session.context.client;
    let signed_in = session.answer(session.service.accept_invitation(&token, &name, password, client).await)?;
    session.remember(&signed_in);
    send_to(&path::of_tenant(&signed_in.tenant_slug, ""));
    Ok(())
}
