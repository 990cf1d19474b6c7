//! Pages and server functions.

use super::{AppState, act::act, headers::page_policy, own::Own, rest, session::Session};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{self, FromRequest, Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use countersign_app::{
    api::{self, ApiError, refusal::Refusal, revealed::Revealed},
    door::{ApiDocs, Door, Query},
    door_shell, shell,
};
use countersign_service::Error;
use leptos::{
    nonce::use_nonce,
    prelude::{expect_context, provide_context},
    server_fn::{
        axum::get_server_fn_service,
        error::{FromServerFnError, SERVER_FN_ERROR_HEADER},
    },
};
use leptos_axum::ResponseOptions;

/// What a page says in answer to a form of its own.
#[derive(Debug, Clone)]
pub enum Reply {
    /// It answers none.
    None,
    Refused(Refusal),
    Revealed(Revealed),
}
/// The most bytes of an answer that says no.
pub const ERROR_BYTES: usize = 64 * 1024;
const NOTHING: &str = "There is nothing here.";

/// Every address that no other route has: a page, or the page that says that there is none. What is posted
/// to it is a form of that page.
pub async fn page(State(state): State<AppState>, session: Session, request: Request) -> Response {
    if request.method() == Method::POST {
        act(state, session, request).await
    } else {
        render(state, session, request, Reply::None).await
    }
}

/// The page at the request's address. It is sent whole, so that it can be read without JavaScript.
pub async fn render(state: AppState, session: Session, request: Request, reply: Reply) -> Response {
    let door = match door(&state, &session, request.uri()).await {
        Ok(door) => door,
        Err(error) => {
            let error = ApiError::from(error);
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
            return (status, error.to_string()).into_response();
        }
    };
    draw(state, session, request, reply, door).await
}

/// `/api/docs`, which anybody may read.
pub async fn api_docs(State(state): State<AppState>, session: Session, request: Request) -> Response {
    let document = serde_json::to_value(rest::document()).unwrap_or_default();
    draw(state, session, request, Reply::None, Some(Door::ApiDocs(ApiDocs::new(document)))).await
}

/// Draws the page, or the door where there is one.
pub async fn draw(state: AppState, session: Session, request: Request, reply: Reply, door: Option<Door>) -> Response {
    let site = state.site.files.clone();
    let own = Own::default();
    let page = own.clone();
    let is_private = door.as_ref().is_some_and(Door::is_private);
    let render = leptos_axum::render_app_async_with_context(
        move || {
            page.page();
            provide(&state, &session);
            match reply.clone() {
                Reply::None => {}
                Reply::Refused(refusal) => {
                    let status = StatusCode::from_u16(refusal.error().status());
                    expect_context::<ResponseOptions>().set_status(status.unwrap_or(StatusCode::BAD_REQUEST));
                    provide_context(refusal);
                }
                Reply::Revealed(revealed) => provide_context(revealed),
            }
            if let Some(policy) =
                use_nonce().and_then(|nonce| HeaderValue::try_from(page_policy(&nonce, is_private)).ok())
            {
                expect_context::<ResponseOptions>().insert_header(header::CONTENT_SECURITY_POLICY, policy);
            }
        },
        move || match door.clone() {
            Some(door) => door_shell(site.clone(), door),
            None => shell(site.clone()),
        },
    );
    own.answer(render(request)).await
}

/// The page at this address, where it is one of those before the console.
async fn door(state: &AppState, session: &Session, address: &Uri) -> Result<Option<Door>, Error> {
    let request = api::session::Session { service: state.service.clone(), context: session.0.clone() };
    let query = extract::Query::<Vec<(String, String)>>::try_from_uri(address).map(|query| query.0).unwrap_or_default();
    Door::at(address.path(), &Query(query), &request).await
}

/// What the browser may ask: the functions in `app/src/api`.
pub async fn server_function(State(state): State<AppState>, session: Session, request: Request<Body>) -> Response {
    if get_server_fn_service(request.uri().path(), request.method().clone()).is_none() {
        return (StatusCode::NOT_FOUND, NOTHING).into_response();
    }
    // Read here: what Leptos reads has no limit of its own (`server_fn` 0.8.13).
    let (parts, body) = request.into_parts();
    let body = match Bytes::from_request(Request::from_parts(parts.clone(), body), &state).await {
        Ok(body) => body,
        Err(refused) => return refused.into_response(),
    };
    let request = Request::from_parts(parts, Body::from(body));
    let answer = leptos_axum::handle_server_fns_with_context(move || provide(&state, &session), request);
    mended(Own::default().answer(answer).await.into_response()).await
}

/// Arguments that cannot be read are the asker's mistake, but Leptos answers 500 to them, since it does not ask the
/// error for its status (`server_fn` 0.8.13).
async fn mended(answer: Response) -> Response {
    if answer.status() != StatusCode::INTERNAL_SERVER_ERROR || !answer.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, ERROR_BYTES).await.unwrap_or_default();
    parts.status = StatusCode::from_u16(ApiError::de(body.clone()).status()).unwrap_or(parts.status);
    Response::from_parts(parts, Body::from(body))
}

fn provide(state: &AppState, session: &Session) {
    provide_context(state.service.clone());
    provide_context(session.0.clone());
}
