use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Who is signed in, for the shell of the tenant's pages: a [`Viewer`](countersign_domain::reading::Viewer).
#[server(prefix = "/api", endpoint = "account/read_viewer", input = GetUrl, output = JsonText)]
pub async fn read_viewer(tenant: String) -> Result<Text, ApiError> {
    use crate::{api::session::Session, sheets::tenant_switch::tenant_switch};
    use countersign_domain::reading::Viewer;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let tenants = session.answer(session.service.list_tenants(session.context.token.as_deref()).await)?;
    Text::of(&Viewer {
        name: actor.name,
        email: actor.email,
        role: actor.role,
        tenant_name: actor.tenant_name,
        switch: tenant_switch(&actor.tenant_slug, tenants),
        tenant_slug: actor.tenant_slug,
    })
}
