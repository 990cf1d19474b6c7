use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One dead letter with what a founder needs to decide: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "letter/draw", input = GetUrl, output = JsonText)]
pub async fn draw_letter(tenant: String, id: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::letter::letter};
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(id) = id.parse() else {
        return session.answer(Err(Error::NotFound));
    };
    let detail = session.service.read_dead_letter(&actor, id).await;
    session.draw(&tenant, detail, |detail| letter(&tenant, detail))
}
