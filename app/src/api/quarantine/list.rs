use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The messages in quarantine, whole, newest first: a list of [`QuarantineRow`](countersign_domain::reading::QuarantineRow).
#[server(prefix = "/api", endpoint = "quarantine/list", input = GetUrl, output = JsonText)]
pub async fn list_quarantine(tenant: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer_text(session.service.list_quarantine(&actor).await)
}
