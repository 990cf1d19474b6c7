use crate::api::ApiError;
use leptos::prelude::*;

/// Stops an agent in an emergency: its credentials end, its queue waits. Sends the browser back to it.
#[server(prefix = "/api", endpoint = "agent/stop")]
pub async fn stop_agent(tenant: String, name: String, #[server(default)] reason: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::AgentName;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let name = session.id::<AgentName>(&name)?;
    session.answer(session.service.stop_agent(&actor, &name, &reason).await)?;
    send_to(&path::agent(&tenant, name.as_str()));
    Ok(())
}
