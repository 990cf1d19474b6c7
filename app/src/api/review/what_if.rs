use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What of the past would have gone otherwise under the file of a review: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "review/what_if", input = GetUrl, output = JsonText)]
pub async fn draw_what_if(tenant: String, review: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::what_if::what_if};
    use countersign_domain::ReviewId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<ReviewId>(&review)?;
    let found = session.service.read_what_if(&actor, id).await;
    session.draw(&tenant, found, |found| what_if(&tenant, &found))
}
