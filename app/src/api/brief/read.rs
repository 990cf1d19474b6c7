use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One brief: a [`BriefView`](countersign_domain::reading::BriefView). `since` is the hash of the version that the reader
/// saw before, if any: the difference is told from there.
#[server(prefix = "/api", endpoint = "brief/read", input = GetUrl, output = JsonText)]
pub async fn read_brief(tenant: String, brief: String, #[server(default)] since: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;
    use countersign_domain::BriefId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<BriefId>(&brief)?;
    session.answer_text(session.service.read_brief(&actor, id, since.parse().ok()).await)
}
