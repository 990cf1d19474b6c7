//! `/d/:id`, the short address of a brief: leads whoever is signed in to its page, in whichever of their organizations it
//! is, and everybody else to sign-in. It changes nothing, whoever opens it, and does not keep a session alive.

use super::{AppState, page, session::Session};
use axum::{
    extract::{Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_app::view::path;
use countersign_domain::BriefId;
use countersign_service::{BriefHome, Error};

pub async fn follow(
    State(state): State<AppState>,
    session: Session,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let Ok(brief) = id.parse::<BriefId>() else { return page::page(State(state), session, request).await };
    let to = match state.service.home_of_brief(session.0.token.as_deref(), brief, &session.0.client).await {
        Ok(BriefHome::Open(slug)) => path::of_tenant(&slug, &format!("/d/{brief}")),
        Ok(BriefHome::BehindSso(slug)) => path::sso(&slug, &path::of_tenant(&slug, &format!("/d/{brief}"))),
        Err(Error::SignedOut) => path::sign_in(&format!("/d/{brief}")),
        Err(Error::NotFound) => return page::page(State(state), session, request).await,
        Err(error) => {
            (session.0.report)(&error);
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}
