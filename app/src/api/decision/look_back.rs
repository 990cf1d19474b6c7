use crate::api::ApiError;
use leptos::prelude::*;

/// Says whether what was decided proved `right`, `partly` or `wrong`, or that it is `unknown`. The decision stays as it is.
#[server(prefix = "/api", endpoint = "decision/look_back")]
pub async fn look_back(
    tenant: String,
    decision: String,
    #[server(default)] outcome: String,
    #[server(default)] note: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::DecisionId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<DecisionId>(&decision)?;
    session.answer(session.service.look_back(&actor, id, &outcome, &note).await)?;
    send_to(&path::decision(&tenant, &id.to_string()));
    Ok(())
}
