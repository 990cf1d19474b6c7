use crate::api::ApiError;
use leptos::prelude::*;

/// Adds an agent with a small role file, and sends the browser to the review of that. `delegates_to` names agents,
/// with commas or spaces between them.
#[server(prefix = "/api", endpoint = "agent/create")]
pub async fn create_agent(
    tenant: String,
    name: String,
    #[server(default)] delegates_to: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let (_, review) = session.answer(session.service.create_agent(&actor, &name, &delegates_to).await)?;
    send_to(&path::review(&tenant, &review.to_string()));
    Ok(())
}
