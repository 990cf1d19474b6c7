use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Everything that shares a `correlation_id`, across agents, from the cursor `after` on: a
/// [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "trace/draw", input = GetUrl, output = JsonText)]
pub async fn draw_trace(tenant: String, id: String, #[server(default)] after: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::trace::trace};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let found = session.service.read_trace(&actor, &id, &after).await;
    session.draw(&tenant, found, |found| trace(&tenant, &found, session.context.now))
}
