use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The form that gives a task, with the agents and kinds that there are: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "task/draw_form", input = GetUrl, output = JsonText)]
pub async fn draw_task_form(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::new_task::new_task};
    use countersign_domain::reading::TaskQuery;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let known = session.service.search_tasks(&actor, &TaskQuery::default()).await;
    session.draw(&tenant, known, |known| new_task(&tenant, known.agents, known.kinds, session.context.now))
}
