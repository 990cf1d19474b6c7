use crate::api::ApiError;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Puts a brief before the founders that a person wrote, and sends the browser to it. `f` has the fields of the form by
/// their names; sent twice, it is one brief.
#[server(prefix = "/api", endpoint = "brief/write")]
pub async fn write_brief(tenant: String, #[server(default)] f: BTreeMap<String, String>) -> Result<(), ApiError> {
    use crate::{
        api::session::{Session, send_to},
        sheets::brief_form::{Entered, payload},
        view::path,
    };
    use countersign_service::{Error, Raised};

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let service = &session.service;
    let entered = Entered(f);
    let mut artifacts = Vec::new();
    for name in entered.artifacts() {
        artifacts.push(session.answer(service.artifact_named(&actor, name).await)?);
    }
    let name = Some(entered.get("name")).filter(|name| !name.is_empty()).map(str::to_owned);
    let name = name.unwrap_or_else(|| service.brief_name());
    let raised = service.write_brief(&actor, payload(&entered, &name, &artifacts)).await;
    let refused = |count: usize| {
        let words = match count {
            1 => "One thing keeps it from being decided: it is marked below. Nothing was sent.".to_owned(),
            count => format!("{count} things keep it from being decided: they are marked below. Nothing was sent."),
        };
        Error::Conflict(words)
    };
    let id = session.answer(match raised {
        Ok(Raised::Taken { kept, .. }) => Ok(kept.brief),
        Ok(Raised::Refused { faults, more }) => Err(refused(faults.len() + more)),
        Ok(Raised::Forbidden) => Err(Error::NotFound),
        Err(error) => Err(error),
    })?;
    send_to(&path::brief(&tenant, &id.to_string()));
    Ok(())
}
