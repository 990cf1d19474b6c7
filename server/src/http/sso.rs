//! Single sign-on over HTTP: to the identity provider, and back from it.
//!
//! The way there begins with a post and is answered by a page that leads on: browsers hold the redirects of a form to
//! `form-action 'self'` too. The way back is the one GET that signs somebody in. What makes it safe to follow: it does so
//! once, for a sign-in that this very browser has begun, by the cookie that it got then.

use super::{
    AppState,
    page::{self, Reply},
    session::Session,
};
use axum::{
    Form, Router,
    body::Body,
    extract::{Path, Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use countersign_app::{
    api::{
        ApiError,
        session::{SSO, cookie, cookie_name, cookies_of},
    },
    door::{Door, SsoDoor},
    view::path,
};
use countersign_service::{Error, SsoAnswer, SsoWanted};
use serde::Deserialize;

/// As long as a sign-in may take.
const LIFETIME: &str = "; Max-Age=600";

pub fn routes() -> Router<AppState> {
    Router::new().route("/sso/{tenant}/start", post(start)).route("/sso/{tenant}/callback", get(finish))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    next: String,
    /// Whether the person is to prove anew who they are.
    again: Option<String>,
    /// Whether they confirm that the provider may sign in as whoever is signed in.
    link: Option<String>,
}

async fn start(
    State(state): State<AppState>,
    session: Session,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    Form(wanted): Form<Wanted>,
) -> Response {
    let next = if path::is_local(&wanted.next) { wanted.next.as_str() } else { "" };
    let links = wanted.link.and(session.0.token.as_deref());
    let wanted = SsoWanted { next, again: wanted.again.is_some(), links };
    let started = state.service.start_sso(&tenant, wanted, &session.0.client).await;
    let started = match started {
        Ok(started) => started,
        Err(error) => return refused(state, session, headers, tenant, error).await,
    };
    let kept = cookie(state.secure, SSO, &started.browser, LIFETIME);
    let on = HeaderValue::try_from(format!("0; url={}", started.url));
    let mut response = door(state, session, headers, SsoDoor::Leave { url: started.url }).await;
    set(&mut response, kept);
    if let Ok(on) = on {
        response.headers_mut().insert(header::REFRESH, on);
    }
    response
}

#[derive(Default, Deserialize)]
struct Answer {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

async fn finish(
    State(state): State<AppState>,
    session: Session,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    query: Result<Query<Answer>, QueryRejection>,
) -> Response {
    // What cannot be understood says nothing.
    let Answer { state: asked, code, error, iss } = query.map(|Query(answer)| answer).unwrap_or_default();
    let jar = CookieJar::from_headers(&headers);
    let kept = jar.get(&cookie_name(state.secure, SSO)).map(|cookie| cookie.value().to_owned());
    let browser = kept.as_deref().filter(|secret| !secret.is_empty());
    let answer = SsoAnswer { state: asked, code, error, iss };
    let (secure, client) = (state.secure, session.0.client.clone());
    let mut response = match state.service.finish_sso(&tenant, answer, browser, &client).await {
        Ok(done) => {
            let home = path::of_tenant(&done.signed_in.tenant_slug, "");
            let next = if path::is_local(&done.next) && done.next != "/" { done.next } else { home };
            let mut response = StatusCode::SEE_OTHER.into_response();
            if let Ok(next) = HeaderValue::try_from(next) {
                response.headers_mut().insert(header::LOCATION, next);
            }
            for cookie in cookies_of(secure, &done.signed_in) {
                set(&mut response, cookie);
            }
            response
        }
        Err(error) => refused(state, session, headers, tenant, error).await,
    };
    set(&mut response, cookie(secure, SSO, "", "; Max-Age=0"));
    response
}

fn set(response: &mut Response, cookie: String) {
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

async fn refused(state: AppState, session: Session, headers: HeaderMap, tenant: String, error: Error) -> Response {
    (session.0.report)(&error);
    if matches!(error, Error::NotFound) {
        return door(state, session, headers, SsoDoor::Nobody).await;
    }
    door(state, session, headers, SsoDoor::Refused { error: ApiError::from(error), tenant }).await
}

/// The page in answer to a request with these headers: they say which colours it is to have.
async fn door(state: AppState, session: Session, headers: HeaderMap, door: SsoDoor) -> Response {
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = headers;
    *request.method_mut() = Method::GET;
    page::draw(state, session, request, Reply::None, Some(Door::Sso(door))).await
}
