use crate::api::ApiError;
use leptos::prelude::*;

/// Takes a grant back, and sends the browser back to the page of rules.
#[server(prefix = "/api", endpoint = "grant/revoke")]
pub async fn revoke_grant(tenant: String, id: String, #[server(default)] reason: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_domain::GrantId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let grant = session.id::<GrantId>(&id)?;
    session.answer(session.service.revoke_grant(&actor, grant, &reason).await)?;
    send_to(&path::of_tenant(&tenant, "/settings/briefs#grants"));
    Ok(())
}
