use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// One decision with what was known when it was made, and what followed: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "decision/draw", input = GetUrl, output = JsonText)]
pub async fn draw_decision(tenant: String, decision: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::decision::decision as sheet};
    use countersign_domain::DecisionId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<DecisionId>(&decision)?;
    let found = session.service.read_decision(&actor, id).await;
    session.draw(&tenant, found, |found| sheet(&tenant, &found))
}
