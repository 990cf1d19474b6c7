use crate::api::ApiError;
use leptos::prelude::*;

/// Sends the browser to the entrance of the organization that an address' domain belongs to, whether anybody has this
/// address or not.
#[server(prefix = "/api", endpoint = "sso/find")]
pub async fn find_sso(email: String, #[server(default)] next: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_service::Error;

    let session = Session::here();
    match session.answer(session.service.sso_of_address(&email).await)? {
        Some(offer) => {
            send_to(&path::sso(&offer.tenant_slug, &next));
            Ok(())
        }
        None => session.answer(Err(Error::invalid(
            "email",
            "No organization with a sign-in service of its own has addresses like this. Sign in another way.",
        ))),
    }
}
