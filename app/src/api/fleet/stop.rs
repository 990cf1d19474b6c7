use crate::api::ApiError;
use leptos::prelude::*;

/// Stops all agents in an emergency, and sends the browser back to the fleet.
#[server(prefix = "/api", endpoint = "fleet/stop")]
pub async fn stop_fleet(tenant: String, #[server(default)] reason: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.stop_all(&actor, &reason).await)?;
    send_to(&path::of_tenant(&tenant, "/fleet"));
    Ok(())
}
