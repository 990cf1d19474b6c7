use crate::api::ApiError;
use leptos::prelude::*;

/// Closes a review: its file may not run. Sends the browser back to it.
#[server(prefix = "/api", endpoint = "review/reject")]
pub async fn reject_review(
    tenant: String,
    review: String,
    sha256: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::{ReviewId, review::ReviewDecision};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<ReviewId>(&review)?;
    let decided = session.service.decide_review(&actor, id, ReviewDecision::Rejected, &sha256, &reason).await;
    session.answer(decided)?;
    send_to(&path::review(&tenant, &id.to_string()));
    Ok(())
}
