use crate::api::ApiError;
use countersign_domain::reading::AgentDetail;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One agent with its credentials and what they allow.
#[server(prefix = "/api", endpoint = "agent/read", input = GetUrl)]
pub async fn read_agent(tenant: String, name: String) -> Result<AgentDetail, ApiError> {
    use crate::api::session::Session;
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(name) = name.parse() else {
        return session.answer(Err(Error::NotFound));
    };
    session.answer(session.service.read_agent(&actor, &name).await)
}
