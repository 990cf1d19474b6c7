use crate::{
    api::{
        ApiError,
        reading::{JsonText, Text},
    },
    view::letter_filter::LetterFilter,
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The dead-letter desk as the filter narrows it, with a preview where a replay is being thought about: a
/// [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "letter/draw_desk", input = GetUrl, output = JsonText)]
pub async fn draw_desk(tenant: String, #[server(default)] filter: LetterFilter) -> Result<Text, ApiError> {
    use crate::{
        api::session::Session,
        sheets::desk::{Desk, desk},
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let letters = session.service.read_dead_letters(&actor, &filter.to_query()).await;
    let preview = if filter.chooses() {
        let plan = session.service.preview_replay(&actor, &filter.whole().to_query(), filter.rate()).await;
        Some(plan.map_err(|error| error.to_string()))
    } else {
        None
    };
    let draw = |letters| desk(Desk { tenant: tenant.clone(), filter, letters, preview });
    session.draw(&tenant, letters, draw)
}
