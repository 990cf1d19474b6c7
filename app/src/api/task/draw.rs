use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One task with its attempts, payload, result and trace, and what can be done to it: a
/// [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "task/draw", input = GetUrl, output = JsonText)]
pub async fn draw_task(tenant: String, id: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::task::task};
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(id) = id.parse() else {
        return session.answer(Err(Error::NotFound));
    };
    let detail = session.service.read_task(&actor, id).await;
    session.draw(&tenant, detail, |detail| task(&tenant, detail, session.context.now))
}
