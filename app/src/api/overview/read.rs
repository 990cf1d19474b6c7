use crate::api::ApiError;
use countersign_domain::reading::Overview;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What waits, what is broken, and today's figures.
#[server(prefix = "/api", endpoint = "overview/read", input = GetUrl)]
pub async fn read_overview(tenant: String) -> Result<Overview, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.read_overview(&actor).await)
}
