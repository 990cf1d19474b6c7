//! Pages and server functions.

use super::{AppState, headers::page_policy, session::Session};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use countersign_app::shell;
use leptos::{
    nonce::use_nonce,
    prelude::{expect_context, provide_context},
};
use leptos_axum::ResponseOptions;

/// Every address that no other route has: a page, or the page that says that there is none. A page is
/// sent whole, so that it can be read without JavaScript.
pub async fn page(State(state): State<AppState>, session: Session, request: Request) -> Response {
    let site = state.site.files.clone();
    let render = leptos_axum::render_app_async_with_context(
        move || {
            provide(&state, &session);
            if let Some(policy) = use_nonce().and_then(|nonce| HeaderValue::try_from(page_policy(&nonce)).ok()) {
                expect_context::<ResponseOptions>().insert_header(header::CONTENT_SECURITY_POLICY, policy);
            }
        },
        move || shell(site.clone()),
    );
    render(request).await
}

/// What the browser may ask: the functions in `app/src/api`.
pub async fn server_function(State(state): State<AppState>, session: Session, request: Request<Body>) -> Response {
    leptos_axum::handle_server_fns_with_context(move || provide(&state, &session), request).await.into_response()
}

fn provide(state: &AppState, session: &Session) {
    provide_context(state.service.clone());
    provide_context(session.0.clone());
}
