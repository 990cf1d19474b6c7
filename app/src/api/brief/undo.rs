use crate::api::ApiError;
use leptos::prelude::*;

/// Takes an answer of one's own back while it is held, and sends the browser back to the brief, or to the inbox
/// where `list` says that it came from there.
#[server(prefix = "/api", endpoint = "brief/undo")]
pub async fn undo_decision(tenant: String, decision: String, #[server(default)] list: bool) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::DecisionId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<DecisionId>(&decision)?;
    let brief = session.answer(session.service.undo_decision(&actor, id).await)?;
    send_to(&if list { path::of_tenant(&tenant, "/inbox") } else { path::brief(&tenant, &brief.to_string()) });
    Ok(())
}
