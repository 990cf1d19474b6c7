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
    let home = path::of_tenant(&tenant, "");
    // Whoever came by another organization's provider joins, and comes in by a way of their own.
    let opens = session.answer(session.service.list_tenants(here).await)?.iter().any(|(slug, _)| *slug == tenant);
    send_to(&if opens { home } else { path::sign_in(&home) });
    Ok(())
}
