use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// What silence means, by category, while founders are away and by grant, and how well each agent asks: a
/// [sheet](crate::sheets). `agent`, `category` and `confidence` are what an address proposes to grant.
#[server(prefix = "/api", endpoint = "inbox/draw_rules", input = GetUrl, output = JsonText)]
pub async fn draw_rules(
    tenant: String,
    #[server(default)] agent: String,
    #[server(default)] category: String,
    #[server(default)] confidence: String,
) -> Result<Text, ApiError> {
    use crate::{
        api::session::Session,
        sheets::{brief_rules::brief_rules as sheet, grants::Proposed},
    };
    use countersign_domain::Role;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let authors = session.answer(session.service.read_brief_authors(&actor).await)?;
    let reading = session.service.read_autonomy(&actor).await;
    let proposed = Proposed { agent, category, confidence };
    session.draw(&tenant, reading, |reading| sheet(&tenant, &reading, &authors, &proposed, actor.role == Role::Founder))
}
