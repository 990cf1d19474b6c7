use crate::api::ApiError;
use countersign_domain::reading::QuarantineRow;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The messages in quarantine, whole, newest first.
#[server(prefix = "/api", endpoint = "quarantine/list", input = GetUrl)]
pub async fn list_quarantine(tenant: String) -> Result<Vec<QuarantineRow>, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.list_quarantine(&actor).await)
}
