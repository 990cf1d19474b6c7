use crate::api::ApiError;
use leptos::prelude::*;

/// Lets whoever is signed in join by the link of `token`, if it was sent to their address.
#[server(prefix = "/api", endpoint = "account/join_tenant")]
pub async fn join_tenant(token: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };

    let session = Session::here();
    let (here, client) = (session.context.token.as_deref(), &session.context.client);
    let tenant = session.answer(session.service.join_tenant(&token, here, client).await)?;
    send_to(&path::of_tenant(&tenant, ""));
    Ok(())
}
