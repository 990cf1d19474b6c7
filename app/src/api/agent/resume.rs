use crate::api::ApiError;
use leptos::prelude::*;

/// Hands out the tasks of a paused agent again, and sends the browser back to it.
#[server(prefix = "/api", endpoint = "agent/resume")]
pub async fn resume_agent(tenant: String, name: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::AgentName;
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(name) = name.parse::<AgentName>() else {
        return session.answer(Err(Error::NotFound));
    };
    session.answer(session.service.resume_agent(&actor, &name).await)?;
    send_to(&path::agent(&tenant, name.as_str()));
    Ok(())
}
