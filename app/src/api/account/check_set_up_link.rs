use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Whether the set-up link that the server printed still works: `true` or `false`.
#[server(prefix = "/api", endpoint = "account/check_set_up_link", input = GetUrl, output = JsonText)]
pub async fn check_set_up_link(token: String) -> Result<Text, ApiError> {
    use crate::api::session::{Session, set_page_status};

    let session = Session::here();
    let live = session.answer(session.service.set_up_link_is_live(&token).await)?;
    if !live {
        set_page_status(404);
    }
    Text::of(&live)
}
