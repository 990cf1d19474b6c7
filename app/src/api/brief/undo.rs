use crate::api::ApiError;
use leptos::prelude::*;

/// Takes an answer of one's own back while it is held, and sends the browser back to the brief.
#[server(prefix = "/api", endpoint = "brief/undo")]
pub async fn undo_decision(tenant: String, decision: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::DecisionId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<DecisionId>(&decision)?;
    let brief = session.answer(session.service.undo_decision(&actor, id).await)?;
    send_to(&path::brief(&tenant, &brief.to_string()));
    Ok(())
}
