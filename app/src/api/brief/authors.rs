use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// How well each agent asks: a list of [`BriefAuthorRow`](countersign_domain::reading::BriefAuthorRow)s.
#[server(prefix = "/api", endpoint = "brief/authors", input = GetUrl, output = JsonText)]
pub async fn list_authors(tenant: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer_text(session.service.read_brief_authors(&actor).await)
}
