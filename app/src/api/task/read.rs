use crate::api::ApiError;
use countersign_domain::reading::TaskDetail;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One task with its attempts, payload and trace.
#[server(prefix = "/api", endpoint = "task/read", input = GetUrl)]
pub async fn read_task(tenant: String, id: String) -> Result<TaskDetail, ApiError> {
    use crate::api::session::Session;
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(id) = id.parse() else {
        return session.answer(Err(Error::NotFound));
    };
    session.answer(session.service.read_task(&actor, id).await)
}
