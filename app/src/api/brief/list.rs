use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What waits for a founder: an [`Inbox`](countersign_domain::reading::Inbox).
#[server(prefix = "/api", endpoint = "brief/list", input = GetUrl, output = JsonText)]
pub async fn list_briefs(tenant: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer_text(session.service.read_inbox(&actor).await)
}
