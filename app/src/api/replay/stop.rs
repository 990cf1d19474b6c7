use crate::api::ApiError;
use leptos::prelude::*;

/// Calls off what of a replay has not reached the bus, and sends the browser back to the desk.
#[server(prefix = "/api", endpoint = "replay/stop")]
pub async fn stop_replay(tenant: String, run: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let Ok(run) = run.parse() else {
        return session.answer(Err(Error::NotFound));
    };
    session.answer(session.service.stop_replay(&actor, run).await)?;
    send_to(&path::letters(&tenant, ""));
    Ok(())
}
