use crate::api::ApiError;
use leptos::prelude::*;

/// Ends a credential: the bus disconnects whoever holds it. Sends the browser back to its agent.
#[server(prefix = "/api", endpoint = "credential/revoke")]
pub async fn revoke_credential(tenant: String, agent: String, credential: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::AgentName;
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let (Ok(id), Ok(agent)) = (credential.parse(), agent.parse::<AgentName>()) else {
        return session.answer(Err(Error::NotFound));
    };
    session.answer(session.service.revoke_credential(&actor, id).await)?;
    send_to(&path::agent(&tenant, agent.as_str()));
    Ok(())
}
