use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One entry of the journal: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "journal/draw", input = GetUrl, output = JsonText)]
pub async fn draw_entry(tenant: String, id: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::journal::entry};
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(seq) = id.parse() else {
        return session.answer(Err(Error::NotFound));
    };
    let found = session.service.read_entry(&actor, seq).await;
    session.draw(&tenant, found, |found| entry(&tenant, &found))
}
