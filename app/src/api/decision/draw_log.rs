use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Decisions that count, as `query`, the query part of the page's address, narrows them: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "decision/draw_log", input = GetUrl, output = JsonText)]
pub async fn draw_decisions(tenant: String, #[server(default)] query: String) -> Result<Text, ApiError> {
    use crate::{
        api::session::Session,
        sheets::{decision_filter::DecisionFilter, decisions::decisions},
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let filter = DecisionFilter::read(&query);
    let found = session.service.read_decisions(&actor, &filter.to_query(), filter.turn()).await;
    session.draw(&tenant, found, |found| decisions(&tenant, &filter, &found))
}
