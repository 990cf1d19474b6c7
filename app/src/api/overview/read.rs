use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What waits, what is broken, and today's figures: an [`Overview`](countersign_domain::reading::Overview).
#[server(prefix = "/api", endpoint = "overview/read", input = GetUrl, output = JsonText)]
pub async fn read_overview(tenant: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer_text(session.service.read_overview(&actor).await)
}
