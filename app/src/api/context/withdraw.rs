use crate::api::ApiError;
use leptos::prelude::*;

/// Takes a fact back for good, and sends the browser back to the page.
#[server(prefix = "/api", endpoint = "context/withdraw")]
pub async fn withdraw_fact(tenant: String, id: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::ContextFactId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<ContextFactId>(&id)?;
    session.answer(session.service.withdraw_fact(&actor, id).await)?;
    send_to(&path::of_tenant(&tenant, "/context"));
    Ok(())
}
