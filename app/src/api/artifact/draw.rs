use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One artifact: what is in it, where it came from, and what names it: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "artifact/draw", input = GetUrl, output = JsonText)]
pub async fn draw_artifact(tenant: String, id: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::artifact::artifact};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let sha256 = session.id(&id)?;
    let found = session.service.show_artifact(&actor, sha256).await;
    session.draw(&tenant, found, |found| artifact(&tenant, found))
}
