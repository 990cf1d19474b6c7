use crate::api::ApiError;
use leptos::prelude::*;

/// Tells a fact otherwise, and sends the browser back to the page. Without `from` it begins when it did before.
#[server(prefix = "/api", endpoint = "context/change")]
pub async fn change_fact(
    tenant: String,
    id: String,
    #[server(default)] kind: String,
    #[server(default)] text: String,
    #[server(default)] from: String,
    #[server(default)] until: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::ContextFactId;
    use countersign_service::FactForm;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<ContextFactId>(&id)?;
    let from = session.moment("from", &from)?;
    let until = session.moment("until", &until)?;
    session.answer(session.service.change_fact(&actor, id, FactForm { kind, text, from, until }).await)?;
    send_to(&path::of_tenant(&tenant, "/context"));
    Ok(())
}
