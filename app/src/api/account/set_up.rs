use crate::api::ApiError;
use leptos::prelude::*;

/// Makes the tenant and its founder, and signs the founder in. Works once for each link.
#[server(prefix = "/api", endpoint = "account/set_up")]
pub async fn set_up(
    token: String,
    organization: String,
    name: String,
    email: String,
    password: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };

    let session = Session::here();
    let request = countersign_service::SetUp { organization, email, name, password };
    let signed_in = session.answer(session.service.set_up(&token, request, &session.context.client).await)?;
    session.remember(&signed_in);
    send_to(&path::of_tenant(&signed_in.tenant_slug, ""));
    Ok(())
}
