use crate::api::ApiError;
use leptos::prelude::*;

/// Nothing but the proof that comes with it, which is checked before any form is: leads on to `next`.
#[server(prefix = "/api", endpoint = "account/prove")]
pub async fn prove(#[server(default)] next: String) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };

    let session = Session::here();
    let actor = session.actor().await?;
    session.answer(session.service.is_fresh(&actor))?;
    send_to(if path::is_local(&next) { &next } else { "/" });
    Ok(())
}
