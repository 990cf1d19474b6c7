use crate::api::ApiError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// Whether the set-up link that the server printed still works.
#[server(prefix = "/api", endpoint = "account/check_set_up_link", input = GetUrl)]
pub async fn check_set_up_link(token: String) -> Result<bool, ApiError> {
    use crate::api::session::{Session, set_page_status};

    let session = Session::here();
    let live = session.answer(session.service.set_up_link_is_live(&token).await)?;
    if !live {
        set_page_status(404);
    }
    Ok(live)
}
