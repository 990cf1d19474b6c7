use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The organization's webhooks, and the forms that change them: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "webhook/draw", input = GetUrl, output = JsonText)]
pub async fn draw_webhooks(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::webhooks::webhooks};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let rows = session.service.list_webhooks(&actor).await;
    let once = session.service.new_webhook_form();
    session.draw(&tenant, rows, |rows| webhooks(&tenant, rows, &once.to_string()))
}
