use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// How many briefs wait for a founder.
#[server(prefix = "/api", endpoint = "inbox/count", input = GetUrl, output = JsonText)]
pub async fn count_inbox(tenant: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let inbox = session.service.read_inbox(&actor).await;
    session.answer_text(inbox.map(|inbox| inbox.counts.due_soon + inbox.counts.decisions))
}
