use crate::api::ApiError;
use leptos::prelude::*;

/// Opens a review of a role file, and sends the browser to it.
#[server(prefix = "/api", endpoint = "role/propose")]
pub async fn propose_role(tenant: String, #[server(default)] text: String) -> Result<(), ApiError> {
    use crate::{
        api::{
            role::as_written,
            session::{Session, send_to},
        },
        view::path,
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.answer(session.service.propose_role(&actor, &as_written(&text)).await)?;
    send_to(&path::review(&tenant, &id.to_string()));
    Ok(())
}
