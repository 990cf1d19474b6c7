use crate::api::ApiError;
use leptos::prelude::*;

/// Takes back all of one's own decisions among `decisions` (ids, apart by dots) while they are held, and sends the
/// browser back to the desk.
#[server(prefix = "/api", endpoint = "desk/undo_batch")]
pub async fn undo_batch(tenant: String, #[server(default)] decisions: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::DecisionId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let ids: Result<Vec<DecisionId>, ApiError> = decisions.split('.').map(|id| session.id(id)).collect();
    session.answer(session.service.undo_batch(&actor, &ids?).await)?;
    send_to(&path::desk(&tenant, ""));
    Ok(())
}
