use crate::api::ApiError;
use leptos::prelude::*;

/// Approves exactly this file. Sends the browser to its agent, where a credential is issued, or back to the review, where
/// more founders have to approve it.
#[server(prefix = "/api", endpoint = "review/approve")]
pub async fn approve_review(
    tenant: String,
    review: String,
    sha256: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::{
        ReviewId,
        review::{ReviewDecision, ReviewState},
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<ReviewId>(&review)?;
    let decided = session.service.decide_review(&actor, id, ReviewDecision::Approved, &sha256, &reason).await;
    let decided = session.answer(decided)?;
    send_to(&match decided.state {
        ReviewState::Open => path::review(&tenant, &id.to_string()),
        _ => path::agent(&tenant, decided.agent.as_str()),
    });
    Ok(())
}
