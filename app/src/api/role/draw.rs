use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The editor of a role file, with the newest one of the agent in it, or with a first one where `name` is empty: a
/// [sheet](crate::sheets).
#[server(prefix = "/api", endpoint = "role/draw", input = GetUrl, output = JsonText)]
pub async fn draw_role(tenant: String, #[server(default)] name: String) -> Result<Text, ApiError> {
    use crate::{
        api::session::Session,
        sheets::role_editor::{FIRST_FILE, role_editor},
    };
    use countersign_domain::AgentName;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let text = if name.is_empty() {
        Ok(FIRST_FILE.to_owned())
    } else {
        let name = session.id::<AgentName>(&name)?;
        session.service.role_text(&actor, &name).await
    };
    session.draw(&tenant, text, |text| role_editor(&tenant, text))
}
