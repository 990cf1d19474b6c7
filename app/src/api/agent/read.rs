use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One agent with its credentials and what they allow: an [`AgentDetail`](countersign_domain::reading::AgentDetail).
#[server(prefix = "/api", endpoint = "agent/read", input = GetUrl, output = JsonText)]
pub async fn read_agent(tenant: String, name: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(name) = name.parse() else {
        return session.answer(Err(Error::NotFound));
    };
    session.answer_text(session.service.read_agent(&actor, &name).await)
}
