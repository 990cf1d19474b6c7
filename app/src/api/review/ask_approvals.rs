use crate::api::ApiError;
use leptos::prelude::*;

/// How many founders have to approve a role file, as this one asks for it. Sends the browser back to the reviews.
#[server(prefix = "/api", endpoint = "review/ask_approvals")]
pub async fn ask_approvals(tenant: String, approvals: u32, #[server(default)] reason: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.ask_approvals(&actor, approvals, &reason).await)?;
    send_to(&path::of_tenant(&tenant, "/reviews"));
    Ok(())
}
