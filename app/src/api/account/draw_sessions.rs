use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Where the person is signed in, each with its end: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "account/draw_sessions", input = GetUrl, output = JsonText)]
pub async fn draw_sessions(tenant: String) -> Result<Text, ApiError> {
    use crate::{
        api::session::Session,
        sheets::{address::address, sessions::sessions},
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let rows = session.service.list_sessions(&actor, session.context.token.as_deref()).await;
    let own = session.answer(session.service.read_address(&actor).await)?;
    session.draw(&tenant, rows, |rows| sessions(&tenant, rows, address(&tenant, own)))
}
