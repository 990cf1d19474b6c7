use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// All agents with their connection, queue and credential: a [`Fleet`](countersign_domain::reading::Fleet).
#[server(prefix = "/api", endpoint = "fleet/read", input = GetUrl, output = JsonText)]
pub async fn read_fleet(tenant: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer_text(session.service.read_fleet(&actor).await)
}
