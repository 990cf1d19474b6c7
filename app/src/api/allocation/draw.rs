use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What each agent gets, and which decision said so: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "allocation/draw", input = GetUrl, output = JsonText)]
pub async fn draw_allocation(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::allocation::allocation};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let read = session.service.read_allocation(&actor).await;
    session.draw(&tenant, read, |read| allocation(&tenant, &read))
}
