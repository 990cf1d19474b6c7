use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What was sent to one webhook, and what became of it: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "webhook/draw_deliveries", input = GetUrl, output = JsonText)]
pub async fn draw_deliveries(tenant: String, id: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::webhook::webhook};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id(&id)?;
    let read = session.service.read_deliveries(&actor, id).await;
    session.draw(&tenant, read, |(row, deliveries)| webhook(&tenant, &row, deliveries))
}
