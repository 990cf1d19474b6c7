use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What is agreed with the organization's identity provider, and the forms that change it: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "sso/draw", input = GetUrl, output = JsonText)]
pub async fn draw_sso(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::sso::sso};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let settings = session.service.read_sso(&actor).await;
    session.draw(&tenant, settings, |settings| sso(&tenant, settings))
}
