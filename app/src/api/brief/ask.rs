use crate::api::ApiError;
use leptos::prelude::*;

/// Asks a brief's author something, and sends the browser back to the brief, where the answer arrives.
#[server(prefix = "/api", endpoint = "brief/ask")]
pub async fn ask_author(tenant: String, brief: String, #[server(default)] question: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::BriefId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<BriefId>(&brief)?;
    session.answer(session.service.ask_author(&actor, id, &question).await)?;
    send_to(&path::brief(&tenant, &id.to_string()));
    Ok(())
}
