use crate::api::ApiError;
use leptos::prelude::*;

/// Holds a batch of answers, unsigned, and sends the browser to what came of it. `words` as of
/// [`ask_signature`](crate::api::brief::ask_signature); `took` is how long the session was, in milliseconds. What
/// changed, or was decided by somebody else, drops out and is told of there.
#[server(prefix = "/api", endpoint = "desk/decide_batch")]
pub async fn decide_batch(
    tenant: String,
    #[server(default)] words: String,
    #[server(default)] took: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::desk_address,
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let words = serde_json::from_str(&words).unwrap_or_default();
    let outcomes = session.answer(session.service.decide_batch(&actor, words).await)?;
    let (mut done, mut dropped) = (Vec::new(), Vec::new());
    for (part, outcome) in outcomes {
        match outcome {
            Ok(_) => done.push(part.brief.to_string()),
            Err(error) => {
                (session.context.report)(&error);
                dropped.push((part.brief.to_string(), part.sha256));
            }
        }
    }
    send_to(&desk_address::of_done(&tenant, took.parse().unwrap_or_default(), &done, &dropped));
    Ok(())
}
