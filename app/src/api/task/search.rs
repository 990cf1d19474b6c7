use crate::{
    api::{
        ApiError,
        reading::{JsonText, Text},
    },
    view::task_filter::TaskFilter,
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One page of the tasks that the filter lets through, newest first: a [`TaskPage`](countersign_domain::reading::TaskPage).
#[server(prefix = "/api", endpoint = "task/search", input = GetUrl, output = JsonText)]
pub async fn search_tasks(tenant: String, #[server(default)] filter: TaskFilter) -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let query = filter.to_query(session.context.now);
    session.answer_text(session.service.search_tasks(&actor, &query).await)
}
