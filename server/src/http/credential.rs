//! The download of a new credential: a plain form, so that it works without JavaScript and the secret
//! never passes through a script.

use super::{AppState, refused::refused, session::Session};
use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use countersign_app::view::path;
use countersign_domain::AgentName;
use countersign_service::Error;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Wanted {
    /// How long the credential is to live.
    hours: u32,
}

/// Issues a credential and sends its file.
pub async fn download(
    State(state): State<AppState>,
    session: Session,
    Path((tenant, agent)): Path<(String, String)>,
    Form(wanted): Form<Wanted>,
) -> Response {
    match issue(&state, &session, &tenant, &agent, wanted.hours).await {
        Ok(response) => response,
        Err(Error::SignedOut) => Redirect::to("/sign-in").into_response(),
        Err(Error::StepUp) => Redirect::to(&path::with_next("/confirm", &path::agent(&tenant, &agent))).into_response(),
        Err(error) => refused(&error),
    }
}

async fn issue(state: &AppState, session: &Session, tenant: &str, agent: &str, hours: u32) -> Result<Response, Error> {
    let actor = session.actor_in(state, tenant).await?;
    let agent: AgentName = agent.parse().map_err(|_| Error::NotFound)?;
    let issued = state.service.issue_credential(&actor, &agent, hours).await?;
    let disposition = format!("attachment; filename=\"{}\"", issued.file_name);
    let mut response = issued.creds.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(value) = HeaderValue::try_from(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
