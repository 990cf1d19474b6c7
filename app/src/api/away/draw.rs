use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What happened while the founders were away: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "away/draw", input = GetUrl, output = JsonText)]
pub async fn draw_away(tenant: String, id: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::away_report::away_report as sheet};
    use countersign_domain::{AwayId, Role};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let away = session.id::<AwayId>(&id)?;
    let report = session.service.read_away(&actor, away).await;
    session.draw(&tenant, report, |report| sheet(&tenant, &report, actor.role == Role::Founder))
}
