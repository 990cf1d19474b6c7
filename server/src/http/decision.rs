//! Decisions as files: the page's own address with `.md` or `.json` behind it, and the receipt. All of them are read by
//! the use cases of the page, and change nothing.

use super::{AppState, page, refused::refused, rest::shape::decision::WholeDecision, session::Session};
use axum::{
    extract::{Path, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use countersign_app::view::path;
use countersign_domain::DecisionId;
use countersign_service::{Error, decision_markdown};

/// A decision as markdown or JSON; without such an ending, its page.
pub async fn file_or_page(
    State(state): State<AppState>,
    session: Session,
    Path((tenant, name)): Path<(String, String)>,
    request: Request,
) -> Response {
    let Some((id, ending)) = name.rsplit_once('.').filter(|(_, ending)| matches!(*ending, "md" | "json")) else {
        return page::page(State(state), session, request).await;
    };
    answer(write(&state, &session, &tenant, id, ending).await, &path::decision(&tenant, &name))
}

/// The receipt, byte for byte.
pub async fn receipt(
    State(state): State<AppState>,
    session: Session,
    Path((tenant, id)): Path<(String, String)>,
) -> Response {
    let read = async {
        let actor = session.actor_in(&state, &tenant).await?;
        let id: DecisionId = id.parse().map_err(|_| Error::NotFound)?;
        let bytes = state.service.decision_receipt(&actor, id).await?;
        Ok(file(bytes, "application/json", &format!("receipt-{id}.json")))
    };
    answer(read.await, &path::decision(&tenant, &id))
}

async fn write(state: &AppState, session: &Session, tenant: &str, id: &str, ending: &str) -> Result<Response, Error> {
    let actor = session.actor_in(state, tenant).await?;
    let id: DecisionId = id.parse().map_err(|_| Error::NotFound)?;
    let whole = state.service.read_decision(&actor, id).await?;
    if ending == "md" {
        let address = format!("{}{}", state.own_url.trim_end_matches('/'), path::decision(tenant, &id.to_string()));
        let text = decision_markdown(&whole, &address);
        return Ok(file(text.into_bytes(), "text/markdown; charset=utf-8", &format!("decision-{id}.md")));
    }
    let mut text = serde_json::to_vec_pretty(&WholeDecision::from(whole)).unwrap_or_default();
    text.push(b'\n');
    Ok(file(text, "application/json", &format!("decision-{id}.json")))
}

fn answer(result: Result<Response, Error>, here: &str) -> Response {
    match result {
        Ok(response) => response,
        Err(Error::SignedOut) => Redirect::to(&path::sign_in(here)).into_response(),
        Err(error) => refused(&error),
    }
}

fn file(bytes: Vec<u8>, kind: &'static str, name: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
