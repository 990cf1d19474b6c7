use crate::api::ApiError;
use leptos::prelude::*;

/// Tells a fact, and sends the browser back to the page. `from` and `until` are UTC as a browser's field for date and
/// time writes it; left out, from now on and until further notice.
#[server(prefix = "/api", endpoint = "context/add")]
pub async fn add_fact(
    tenant: String,
    #[server(default)] kind: String,
    #[server(default)] text: String,
    #[server(default)] from: String,
    #[server(default)] until: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::path,
    };
    use countersign_service::FactForm;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let from = session.moment("from", &from)?;
    let until = session.moment("until", &until)?;
    session.answer(session.service.add_fact(&actor, FactForm { kind, text, from, until }).await)?;
    send_to(&path::of_tenant(&tenant, "/context"));
    Ok(())
}
