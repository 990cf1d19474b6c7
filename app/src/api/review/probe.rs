use crate::api::ApiError;
use leptos::prelude::*;

/// Tries on the bus what the file of a review must not reach and what it must, and sends the browser back to it.
#[server(prefix = "/api", endpoint = "review/probe")]
pub async fn probe_review(tenant: String, review: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::ReviewId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<ReviewId>(&review)?;
    session.answer(session.service.probe_review(&actor, id).await)?;
    send_to(&path::review(&tenant, &id.to_string()));
    Ok(())
}
