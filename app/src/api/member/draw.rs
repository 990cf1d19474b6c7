use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Who belongs to the tenant, and who was asked to join: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "member/draw", input = GetUrl, output = JsonText)]
pub async fn draw_members(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::members::members};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let reading = session.service.list_members(&actor).await;
    let (now, organization) = (session.context.now, actor.tenant_name);
    session.draw(&tenant, reading, |reading| members(&tenant, &organization, reading, now))
}
