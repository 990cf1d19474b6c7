use crate::api::ApiError;
use leptos::prelude::*;

/// Starts a session and sends the browser to `next`, or to the tenant's first page.
#[server(prefix = "/api", endpoint = "account/sign_in")]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };

    let session = Session::here();
    let signed_in = session.answer(session.service.sign_in(&email, &password, &session.context.client).await)?;
    session.remember(&signed_in);
    if path::is_local(&next) && next != "/" {
        send_to(&next);
    } else {
        send_to(&path::of_tenant(&signed_in.tenant_slug, ""));
    }
    Ok(())
}
