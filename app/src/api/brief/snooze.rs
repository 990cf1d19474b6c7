use crate::api::ApiError;
use leptos::prelude::*;

/// Puts a brief out of sight until `until` (UTC as a browser's field for date and time writes it), or takes it up again
/// where that is empty; sends the browser back to the inbox, or to the
/// desk where `desk` says so.
#[server(prefix = "/api", endpoint = "brief/snooze")]
pub async fn snooze_brief(
    tenant: String,
    brief: String,
    #[server(default)] until: String,
    #[server(default)] desk: bool,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::{moment, path},
    };
    use countersign_domain::BriefId;
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<BriefId>(&brief)?;
    let until = match until.trim() {
        "" => None,
        text => match moment::from_utc(text) {
            Some(at) => Some(at),
            None => return session.answer(Err(Error::invalid("until", "Enter a date and a time."))),
        },
    };
    session.answer(session.service.snooze_brief(&actor, id, until).await)?;
    send_to(&if desk { path::desk(&tenant, "") } else { path::of_tenant(&tenant, "/inbox") });
    Ok(())
}
