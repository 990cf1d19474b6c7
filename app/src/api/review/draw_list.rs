use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// All reviews: what waits, what may run, what was: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "review/draw_list", input = GetUrl, output = JsonText)]
pub async fn draw_reviews(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::reviews::reviews};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let found = session.service.read_reviews(&actor).await;
    session.draw(&tenant, found, |found| reviews(&tenant, found))
}
