use crate::api::ApiError;
use leptos::prelude::*;

/// Lifts the stop of all agents, and sends the browser back to the fleet.
#[server(prefix = "/api", endpoint = "fleet/lift")]
pub async fn lift_fleet(tenant: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.lift_stop(&actor, None).await)?;
    send_to(&path::of_tenant(&tenant, "/fleet"));
    Ok(())
}
