use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::PostUrl;

/// What a file comes to before anybody proposes it; it changes nothing: a [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "role/check", input = PostUrl, output = JsonText)]
pub async fn check_role(tenant: String, #[server(default)] text: String) -> Result<Text, ApiError> {
    use crate::{
        api::{role::as_written, session::Session},
        sheets::role_check::role_check,
    };

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let found = session.service.check_role(&actor, &as_written(&text)).await;
    session.draw(&tenant, found, role_check)
}
