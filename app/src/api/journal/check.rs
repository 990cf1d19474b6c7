use crate::api::ApiError;
use leptos::prelude::*;

/// Checks the tenant's chain; what came of it stands on the page of acts afterwards.
#[server(prefix = "/api", endpoint = "journal/check")]
pub async fn check_journal(tenant: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    session.answer(session.service.check_journal(&actor).await)?;
    send_to(&path::of_tenant(&tenant, "/audit"));
    Ok(())
}
