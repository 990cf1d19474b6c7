use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;

/// Holds answers that a passkey signed. `ceremony` and `answer` come from the page's script. Answers a list, in the order
/// in which they were asked for: `{"held": …}` with a [`DecisionHeld`](countersign_domain::reading::DecisionHeld), or
/// `{"error": …}` with a sentence for one that was decided, or changed, meanwhile.
#[server(prefix = "/api", endpoint = "brief/sign", output = JsonText)]
pub async fn sign_decisions(tenant: String, ceremony: String, answer: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let held = session.answer(session.service.sign_decisions(&actor, &ceremony, &answer).await)?;
    let outcomes: Vec<serde_json::Value> = held
        .into_iter()
        .map(|outcome| match outcome {
            Ok(held) => serde_json::json!({ "held": held }),
            Err(error) => {
                (session.context.report)(&error);
                serde_json::json!({ "error": ApiError::from(error).to_string() })
            }
        })
        .collect();
    Text::of(&outcomes)
}
