use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Who did what, as `query`, the query part of the page's address, narrows it: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "journal/draw_acts", input = GetUrl, output = JsonText)]
pub async fn draw_acts(tenant: String, #[server(default)] query: String) -> Result<Text, ApiError> {
    use crate::{
        api::session::Session,
        sheets::{act_filter::ActFilter, acts::acts},
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let filter = ActFilter::read(&query);
    let found = session.service.read_acts(&actor, &filter.to_query(), filter.turn()).await;
    session.draw(&tenant, found, |found| acts(&tenant, &filter, &found))
}
