use crate::api::ApiError;
use leptos::prelude::*;

/// The founders are back: the absence ends now. Sends the browser to what happened in it.
#[server(prefix = "/api", endpoint = "away/end")]
pub async fn end_away(tenant: String, id: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::AwayId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let away = session.id::<AwayId>(&id)?;
    session.answer(session.service.end_away(&actor, away).await)?;
    send_to(&path::away(&tenant, &id));
    Ok(())
}
