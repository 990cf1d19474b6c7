use crate::api::ApiError;
use leptos::prelude::*;

/// Opens an agent's breaker by hand, and sends the browser back to the agent.
#[server(prefix = "/api", endpoint = "breaker/open")]
pub async fn open_breaker(tenant: String, name: String) -> Result<(), ApiError> {
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
    session.answer(session.service.open_breaker(&actor, &name).await)?;
    send_to(&path::agent(&tenant, name.as_str()));
    Ok(())
}
