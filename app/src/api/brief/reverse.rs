use crate::api::ApiError;
use leptos::prelude::*;

/// Asks for another decision of what silence or a grant decided: the brief's author gets a task, to which the browser is
/// sent.
#[server(prefix = "/api", endpoint = "brief/reverse")]
pub async fn reverse_decision(
    tenant: String,
    decision: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::DecisionId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<DecisionId>(&decision)?;
    let task = session.answer(session.service.reverse_decision(&actor, id, &reason).await)?;
    send_to(&path::task(&tenant, &task.to_string()));
    Ok(())
}
