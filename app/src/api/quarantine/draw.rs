use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The messages in quarantine, whole, newest first, each with what can be done about it: a
/// [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "quarantine/draw", input = GetUrl, output = JsonText)]
pub async fn draw_quarantine(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::quarantine::quarantine};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let rows = session.service.list_quarantine(&actor).await;
    session.draw(&tenant, rows, |rows| quarantine(&tenant, rows))
}
