use crate::{api::ApiError, view::task_filter::TaskFilter};
use countersign_domain::reading::TaskPage;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One page of the tasks that the filter lets through, newest first.
#[server(prefix = "/api", endpoint = "task/search", input = GetUrl)]
pub async fn search_tasks(tenant: String, #[server(default)] filter: TaskFilter) -> Result<TaskPage, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let query = filter.to_query(session.context.now);
    session.answer(session.service.search_tasks(&actor, &query).await)
}
