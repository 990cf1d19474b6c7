use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One task with its attempts, payload and trace: a [`TaskDetail`](countersign_domain::reading::TaskDetail).
#[server(prefix = "/api", endpoint = "task/read", input = GetUrl, output = JsonText)]
pub async fn read_task(tenant: String, id: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(id) = id.parse() else {
        return session.answer(Err(Error::NotFound));
    };
    session.answer_text(session.service.read_task(&actor, id).await)
}
