use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// How agents' recommendations fared: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "decision/draw_ledger", input = GetUrl, output = JsonText)]
pub async fn draw_ledger(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::track_record::track_record};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let found = session.service.read_track_record(&actor).await;
    session.draw(&tenant, found, |found| track_record(&tenant, &found))
}
