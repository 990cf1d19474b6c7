use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What whoever asks is told outside the console, and the forms that change it: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "notice/draw", input = GetUrl, output = JsonText)]
pub async fn draw_notices(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::notices::notices};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let settings = session.service.read_notice_settings(&actor).await;
    session.draw(&tenant, settings, |settings| notices(&tenant, &actor.tenant_name, &settings))
}
