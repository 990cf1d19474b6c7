use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What silence means, by category, and how well each agent asks: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "inbox/draw_rules", input = GetUrl, output = JsonText)]
pub async fn draw_rules(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::brief_rules::brief_rules as sheet};
    use countersign_domain::Role;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let authors = session.answer(session.service.read_brief_authors(&actor).await)?;
    let policies = session.service.brief_policies(&actor).await;
    session.draw(&tenant, policies, |policies| sheet(&tenant, policies, authors, actor.role == Role::Founder))
}
