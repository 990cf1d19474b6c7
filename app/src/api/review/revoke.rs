use crate::api::ApiError;
use leptos::prelude::*;

/// Takes an approval back: its credentials end at once. Sends the browser back to the review.
#[server(prefix = "/api", endpoint = "review/revoke")]
pub async fn revoke_review(
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
    let decided = session.service.decide_review(&actor, id, ReviewDecision::Revoked, &sha256, &reason).await;
    session.answer(decided)?;
    send_to(&path::review(&tenant, &id.to_string()));
    Ok(())
}
