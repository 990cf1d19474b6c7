use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The address of the first page of whoever is signed in; sends a page there. A string.
#[server(prefix = "/api", endpoint = "account/find_home", input = GetUrl, output = JsonText)]
pub async fn find_home() -> Result<Text, ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };

    let actor = match Session::here().actor().await {
        Err(ApiError::NotFound) => {
            let session = Session::here();
            let shut = session.answer(session.service.tenant_shut(session.context.token.as_deref()).await)?;
            let Some(tenant) = shut else {
                let message = "You belong to no organization now. Open the invitation that you were mailed.".to_owned();
                return Err(ApiError::Conflict { message });
            };
            // A member, but not by this session.
            let next = path::of_tenant(&tenant.slug, "");
            let door = if tenant.by_sso { path::sso(&tenant.slug, "") } else { path::sign_in(&next) };
            send_to(&door);
            return Text::of(&door);
        }
        answer => answer?,
    };
    let home = path::of_tenant(&actor.tenant_slug, "");
    send_to(&home);
    Text::of(&home)
}
