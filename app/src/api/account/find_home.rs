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
            let message = "You belong to no organization now. Open the invitation that you were mailed.".to_owned();
            return Err(ApiError::Conflict { message });
        }
        answer => answer?,
    };
    let home = path::of_tenant(&actor.tenant_slug, "");
    send_to(&home);
    Text::of(&home)
}
