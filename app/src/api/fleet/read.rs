use crate::api::ApiError;
use countersign_domain::reading::Fleet;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// All agents with their connection, queue and credential.
#[server(prefix = "/api", endpoint = "fleet/read", input = GetUrl)]
pub async fn read_fleet(tenant: String) -> Result<Fleet, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.read_fleet(&actor).await)
}
