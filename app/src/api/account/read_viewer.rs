use crate::api::ApiError;
use countersign_domain::reading::Viewer;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Who is signed in, for the shell of the tenant's pages.
#[server(prefix = "/api", endpoint = "account/read_viewer", input = GetUrl)]
pub async fn read_viewer(tenant: String) -> Result<Viewer, ApiError> {
    use crate::api::session::Session;

    let actor = Session::here().actor_in(&tenant).await?;
    Ok(Viewer {
        name: actor.name,
        email: actor.email,
        role: actor.role,
        tenant_name: actor.tenant_name,
        tenant_slug: actor.tenant_slug,
    })
}
