use crate::api::ApiError;
use leptos::prelude::*;

/// Shows whoever asks the text of an invitation, for a few minutes, on the page of mails.
#[server(prefix = "/api", endpoint = "mail/show")]
pub async fn show_mail(tenant: String, id: String) -> Result<(), ApiError> {
    use crate::api::session::Session;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let mail = session.id(&id)?;
    session.answer(session.service.show_mail(&actor, mail).await)
}
