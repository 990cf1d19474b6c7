use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What silence means, by category: a list of [`BriefPolicyRow`](countersign_domain::reading::BriefPolicyRow)s.
#[server(prefix = "/api", endpoint = "brief/policies", input = GetUrl, output = JsonText)]
pub async fn list_policies(tenant: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer_text(session.service.brief_policies(&actor).await)
}
