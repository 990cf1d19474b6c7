use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Who is signed in, for the shell of the tenant's pages: a [`Viewer`](countersign_domain::reading::Viewer).
#[server(prefix = "/api", endpoint = "account/read_viewer", input = GetUrl, output = JsonText)]
pub async fn read_viewer(tenant: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;
    use countersign_domain::reading::Viewer;

    let actor = Session::here().actor_in(&tenant).await?;
    Text::of(&Viewer {
        name: actor.name,
        email: actor.email,
        role: actor.role,
        tenant_name: actor.tenant_name,
        tenant_slug: actor.tenant_slug,
    })
}
