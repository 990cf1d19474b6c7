use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Artifacts, as `query`, the query part of the page's address, narrows them: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "artifact/draw_list", input = GetUrl, output = JsonText)]
pub async fn draw_artifacts(tenant: String, #[server(default)] query: String) -> Result<Text, ApiError> {
    use crate::{
        api::session::Session,
        sheets::{artifact_filter::read_filter, artifacts::artifacts},
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let filter = read_filter(&query);
    let found = session.service.list_artifacts(&actor, &filter).await;
    session.draw(&tenant, found, |found| artifacts(&tenant, &filter, &found))
}
