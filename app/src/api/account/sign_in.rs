use crate::api::ApiError;
use leptos::prelude::*;

/// Starts a session and sends the browser to `next`, or to the tenant's first page; or to where a code is asked for.
#[server(prefix = "/api", endpoint = "account/sign_in")]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_service::SignInStep;

    let session = Session::here();
    if password.is_empty()
        && let Some(offer) = session.answer(session.service.sso_of_address(&email).await)?
    {
        send_to(&path::sso(&offer.tenant_slug, &next));
        return Ok(());
    }
    match session.answer(session.service.sign_in(&email, &password, &session.context.client).await)? {
        SignInStep::Done(signed_in) => session.welcome(&signed_in, &next),
        SignInStep::Code(step) => {
            session.remember_step(&step);
            send_to(&path::with_next("/sign-in/code", &next));
        }
    }
    Ok(())
}
