use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What founders know and agents cannot see: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "context/draw", input = GetUrl, output = JsonText)]
pub async fn draw_context(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::context::context};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let read = session.service.read_context(&actor).await;
    session.draw(&tenant, read, |read| context(&tenant, &read))
}
