use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One review with all that a founder needs to decide it: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "review/draw", input = GetUrl, output = JsonText)]
pub async fn draw_review(tenant: String, review: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::review::review as sheet};
    use countersign_domain::ReviewId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<ReviewId>(&review)?;
    let detail = session.service.read_review(&actor, id).await;
    session.draw(&tenant, detail, |detail| sheet(&tenant, detail))
}
