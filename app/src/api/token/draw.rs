use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The organization's tokens, and the form that makes one: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "token/draw", input = GetUrl, output = JsonText)]
pub async fn draw_tokens(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::tokens::tokens};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let desk = session.service.list_tokens(&actor).await;
    let once = session.service.new_token_form();
    session.draw(&tenant, desk, |desk| tokens(&tenant, desk, &once.to_string()))
}
