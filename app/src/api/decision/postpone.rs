use crate::api::ApiError;
use leptos::prelude::*;

/// Puts looking back on a decision off until `until`: a date, or UTC as a browser's field for date and time writes it.
#[server(prefix = "/api", endpoint = "decision/postpone")]
pub async fn postpone_look_back(
    tenant: String,
    decision: String,
    #[server(default)] until: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::{moment, path},
    };
    use countersign_domain::DecisionId;
    use countersign_service::Error;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<DecisionId>(&decision)?;
    let day = format!("{}T00:00", until.trim());
    let Some(until) = moment::from_utc(until.trim()).or_else(|| moment::from_utc(&day)) else {
        return session.answer(Err(Error::invalid("until", "Enter the day to look back on.")));
    };
    session.answer(session.service.postpone_look_back(&actor, id, until).await)?;
    send_to(&path::decision(&tenant, &id.to_string()));
    Ok(())
}
