//! Forms of pages. What the server draws alone posts to the page's own address, with the server function
//! that it asks for as the entry `act`. Done, the browser is sent on; refused, the same page is the answer,
//! with the error and all that was entered. So the address stays, and a long text is never lost; script or
//! none makes no difference.

use super::{AppState, page, session::Session};
use axum::{
    Form,
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest, Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use countersign_app::api::{ApiError, refusal::Refusal};
use leptos::server_fn::error::FromServerFnError;

/// The most bytes of an answer that says no.
const ERROR_BYTES: usize = 64 * 1024;

pub async fn act(state: AppState, session: Session, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = match Bytes::from_request(Request::from_parts(parts.clone(), body), &state).await {
        Ok(body) => body,
        Err(too_large) => return too_large.into_response(),
    };
    let form = Request::from_parts(parts.clone(), Body::from(body.clone()));
    let entered = match Form::<Vec<(String, String)>>::from_request(form, &state).await {
        Ok(Form(entered)) => entered,
        Err(no_form) => return no_form.into_response(),
    };
    let named = entered.iter().find(|(name, _)| name == "act").and_then(|(_, act)| act.parse::<Uri>().ok());
    let Some(act) = named.filter(|act| act.path().starts_with("/api/")) else {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    };
    let answer = ask(&state, &session, &parts, &act, body).await;
    match answer {
        Ok(done) => done,
        Err(error) => {
            parts.method = Method::GET;
            let refusal = Refusal::new(act.path().to_owned(), error, entered);
            page::render(state, session, Request::from_parts(parts, Body::empty()), Some(refusal)).await
        }
    }
}

/// Asks the server function as a script would; answers what sends the browser on.
async fn ask(state: &AppState, session: &Session, page: &Parts, act: &Uri, body: Bytes) -> Result<Response, ApiError> {
    let mut parts = page.clone();
    parts.uri = act.clone();
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let request = Request::from_parts(parts, Body::from(body));
    let answer = page::server_function(State(state.clone()), session.clone(), request).await;
    let (answer, body) = answer.into_parts();
    if !answer.status.is_success() {
        return Err(ApiError::de(to_bytes(body, ERROR_BYTES).await.unwrap_or_default()));
    }
    let here = || HeaderValue::from_str(page.uri.path()).ok();
    let mut done = StatusCode::SEE_OTHER.into_response();
    if let Some(next) = answer.headers.get(header::LOCATION).cloned().or_else(here) {
        done.headers_mut().insert(header::LOCATION, next);
    }
    for cookie in answer.headers.get_all(header::SET_COOKIE) {
        done.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    Ok(done)
}
