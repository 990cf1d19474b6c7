use crate::api::ApiError;
use leptos::prelude::*;

/// Asks a brief's author something, and sends the browser back to the brief, where the answer arrives: on the desk where
/// `desk` says so.
#[server(prefix = "/api", endpoint = "brief/ask")]
pub async fn ask_author(
    tenant: String,
    brief: String,
    #[server(default)] question: String,
    #[server(default)] desk: bool,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::BriefId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<BriefId>(&brief)?;
    session.answer(session.service.ask_author(&actor, id, &question).await)?;
    let brief = id.to_string();
    send_to(&if desk { path::desk(&tenant, &brief) } else { path::brief(&tenant, &brief) });
    Ok(())
}
