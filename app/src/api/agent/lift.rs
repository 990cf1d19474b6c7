use crate::api::ApiError;
use leptos::prelude::*;

/// Lifts the stop of an agent, and sends the browser back to it.
#[server(prefix = "/api", endpoint = "agent/lift")]
pub async fn lift_agent(tenant: String, name: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::AgentName;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let name = session.id::<AgentName>(&name)?;
    session.answer(session.service.lift_stop(&actor, Some(&name)).await)?;
    send_to(&path::agent(&tenant, name.as_str()));
    Ok(())
}
