use crate::api::ApiError;
use leptos::prelude::*;

/// The code after the password: of the authenticator app, or a recovery code.
#[server(prefix = "/api", endpoint = "account/sign_in_code")]
pub async fn sign_in_code(code: String, #[server(default)] next: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let step = session.context.step.as_deref();
    let signed_in = session.answer(session.service.sign_in_with_code(step, &code, &session.context.client).await)?;
    session.welcome(&signed_in, &next);
    Ok(())
}
