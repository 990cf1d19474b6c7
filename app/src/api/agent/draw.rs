use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One agent with its queue, its credentials and what they allow: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "agent/draw", input = GetUrl, output = JsonText)]
pub async fn draw_agent(tenant: String, name: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::agent::agent};
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(name) = name.parse() else {
        return session.answer(Err(Error::NotFound));
    };
    let detail = session.service.read_agent(&actor, &name).await;
    session.draw(&tenant, detail, |detail| agent(&tenant, detail, session.context.now))
}
