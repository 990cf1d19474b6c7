//! Forms of pages. What the server draws alone posts to the page's own address, with the server function
//! that it asks for as the entry `act`. Done, the browser is sent on; refused, the same page is the answer,
//! with the error and all that was entered. So the address stays, and a long text is never lost; script or
//! none makes no difference. Where the server function says something, that page is the answer too, with what
//! it said: it is kept nowhere, and can be shown this once (docs/decisions/0012-shown-once.md).

use super::{
    AppState,
    page::{self, Reply},
    session::Session,
    step_up,
};
use axum::{
    Form,
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest, Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use countersign_app::api::{ApiError, refusal::Refusal, revealed::Revealed};
use leptos::server_fn::error::FromServerFnError;

/// The most bytes of what a server function answers to a form: all that a role file comes to.
const ANSWER_BYTES: usize = 1024 * 1024;

pub async fn act(state: AppState, mut session: Session, request: Request) -> Response {
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
    let asked = act.path().to_owned();
    let (renewed, answer) = match step_up::take(&state, &mut session, &entered).await {
        Ok(renewed) => (renewed, ask(&state, &session, &parts, &act, body).await),
        Err(error) => {
            (session.0.report)(&error);
            (None, Err(ApiError::from(error)))
        }
    };
    let mut cookies = Vec::new();
    let reply = match answer {
        Ok(Done::SentOn(done)) => return with_cookie(done, renewed),
        Ok(Done::Said(text, set)) => {
            cookies = set;
            Reply::Revealed(Revealed::new(asked, text, entered))
        }
        Err(error) => {
            let proof = step_up::asked(&state, &session, &error, &entered).await;
            Reply::Refused(Refusal::new(asked, error, entered).asking(proof))
        }
    };
    parts.method = Method::GET;
    let mut page = page::render(state, session, Request::from_parts(parts, Body::empty()), reply).await;
    for cookie in cookies {
        page.headers_mut().append(header::SET_COOKIE, cookie);
    }
    with_cookie(page, renewed)
}

/// The session goes on under another name, unless the answer has a newer one itself.
fn with_cookie(mut answer: Response, cookie: Option<HeaderValue>) -> Response {
    if let (Some(cookie), false) = (cookie, answer.headers().contains_key(header::SET_COOKIE)) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// What came of a form.
enum Done {
    /// The browser is sent on.
    SentOn(Response),
    /// The server function said this, for the page to show, and sets these cookies.
    Said(String, Vec<HeaderValue>),
}

/// Asks the server function as a script would.
async fn ask(state: &AppState, session: &Session, page: &Parts, act: &Uri, body: Bytes) -> Result<Done, ApiError> {
    let mut parts = page.clone();
    parts.uri = act.clone();
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let request = Request::from_parts(parts, Body::from(body));
    let answer = page::server_function(State(state.clone()), session.clone(), request).await;
    let (answer, body) = answer.into_parts();
    if !answer.status.is_success() {
        return Err(ApiError::de(to_bytes(body, ANSWER_BYTES).await.unwrap_or_default()));
    }
    let cookies = answer.headers.get_all(header::SET_COOKIE).into_iter().cloned();
    if !answer.headers.contains_key(header::LOCATION)
        && let Ok(text) = serde_json::from_slice(&to_bytes(body, ANSWER_BYTES).await.unwrap_or_default())
    {
        return Ok(Done::Said(text, cookies.collect()));
    }
    let here = || HeaderValue::from_str(page.uri.path()).ok();
    let mut done = StatusCode::SEE_OTHER.into_response();
    if let Some(next) = answer.headers.get(header::LOCATION).cloned().or_else(here) {
        done.headers_mut().insert(header::LOCATION, next);
    }
    for cookie in cookies {
        done.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(Done::SentOn(done))
}
