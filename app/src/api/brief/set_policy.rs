use crate::api::ApiError;
use leptos::prelude::*;

/// Says what silence means for briefs of a category, `hold`, `as_declared`, `recommended` or `delegate` (to the person whose
/// address `delegate` is), or leaves the category to founders alone. Sends the browser back to the page of policies.
#[server(prefix = "/api", endpoint = "brief/set_policy")]
pub async fn set_policy(
    tenant: String,
    #[server(default)] category: String,
    #[server(default)] reserved: bool,
    #[server(default)] silence: String,
    #[server(default)] delegate: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let set = match silence.as_str() {
        "delegate" if !reserved => session.service.delegate_category(&actor, &category, &delegate, &reason).await,
        silence => session.service.set_brief_policy(&actor, &category, reserved, silence, &reason).await,
    };
    session.answer(set)?;
    send_to(&path::of_tenant(&tenant, "/settings/briefs"));
    Ok(())
}
