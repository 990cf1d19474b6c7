use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// All agents with their connection, queue, uptime and credential: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "fleet/draw", input = GetUrl, output = JsonText)]
pub async fn draw_fleet(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::fleet::fleet};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let found = session.service.read_fleet(&actor).await;
    session.draw(&tenant, found, |found| fleet(&tenant, found))
}
