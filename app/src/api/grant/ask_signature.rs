use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;

/// What a browser must know to have a grant signed by one of the person's passkeys. `until` is a date, or UTC as a
/// browser's field for date and time writes it; `most_cost` is in dollars, `confidence` from 0 to 1.
#[server(prefix = "/api", endpoint = "grant/ask_signature", output = JsonText)]
pub async fn ask_signature(
    tenant: String,
    #[server(default)] agent: String,
    #[server(default)] category: String,
    #[server(default)] confidence: String,
    #[server(default)] most_cost: String,
    #[server(default)] most_a_day: String,
    #[server(default)] until: String,
) -> Result<Text, ApiError> {
    use crate::{api::session::Session, view::moment};
    use countersign_service::GrantForm;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    // A date lasts until it is over.
    let end = moment::from_utc(until.trim()).or_else(|| moment::from_utc(&format!("{}T23:59", until.trim())));
    let most_a_day = most_a_day.trim().parse().unwrap_or_default();
    let form = GrantForm { agent, category, confidence, most_cost, most_a_day, until: end };
    session.answer_text(session.service.ask_for_grant(&actor, form).await)
}
