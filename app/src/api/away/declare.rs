#![expect(clippy::too_many_arguments, reason = "they are the fields of a form")]

use crate::api::ApiError;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The founders are away from then (now, where that is empty) until then, UTC as a browser's field for date and time writes
/// it. `choices` has words of policies by category and `otherwise` one for every other; `delegate` is the address of
/// whoever decides where something is handed to a person. Sends the browser back to the page of rules.
#[server(prefix = "/api", endpoint = "away/declare")]
pub async fn declare_away(
    tenant: String,
    #[server(default)] from: String,
    #[server(default)] until: String,
    #[server(default)] reason: String,
    #[server(default)] choices: BTreeMap<String, String>,
    #[server(default)] otherwise: String,
    #[server(default)] delegate: String,
    #[server(default)] most_decisions: String,
    #[server(default)] most_cost: String,
    #[server(default)] most_moved_percent: String,
) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        view::{moment, path},
    };
    use countersign_service::{AwayForm, Error};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let moment = |text: &str, field: &'static str| match text.trim() {
        "" => Ok(None),
        text => match moment::from_utc(text) {
            Some(at) => Ok(Some(at)),
            None => Err(Error::invalid(field, "Enter a date and a time.")),
        },
    };
    // What is no number is out of bounds, and said to be so.
    let number = |text: &str| text.trim().parse().unwrap_or(u32::MAX);
    let mut choices = choices;
    if !otherwise.trim().is_empty() {
        choices.insert("*".to_owned(), otherwise);
    }
    let form = || -> Result<AwayForm, Error> {
        Ok(AwayForm {
            from: moment(&from, "from")?,
            until: moment(&until, "until")?,
            reason,
            choices,
            delegate,
            most_decisions: number(&most_decisions),
            most_cost,
            most_moved_percent: number(&most_moved_percent),
        })
    };
    let declared = match form() {
        Ok(form) => session.service.declare_away(&actor, form).await,
        // Whoever may not do it hears that first.
        Err(error) => session.service.declare_away(&actor, AwayForm::default()).await.and(Err(error)),
    };
    session.answer(declared)?;
    send_to(&path::of_tenant(&tenant, "/settings/briefs#away"));
    Ok(())
}
