//! Who asks: the token of a request, and what is left of its quota.

use super::{super::AppState, quota::Quotas};
use crate::http::{bearer::bearer, problem::Problem, session::Session};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use countersign_domain::{Actor, ApiTokenId, api_token::PREFIX};
use countersign_service::{Error, ports::AgentActor};
use std::sync::Arc;

/// The person in whose name a request's token speaks.
#[derive(Debug, Clone)]
pub struct Caller {
    pub token: ApiTokenId,
    pub actor: Actor,
}

/// Lets requests with a live token pass, as many as its quota allows, and says how much of that is left.
pub async fn guard(State((state, quotas)): State<(AppState, Arc<Quotas>)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(session) = Session::from_request_parts(&mut parts, &state).await;
    let mut request = Request::from_parts(parts, body);
    let token = bearer(request.headers()).map(ToOwned::to_owned);
    let caller = match token {
        Some(token) => state.service.authenticate_token(&token, &session.0.client.address).await,
        None => Err(Error::SignedOut),
    };
    let (token, actor) = match caller {
        Ok(found) => found,
        Err(error) => return Problem::from(error).into_response(),
    };
    let (standing, mut response) = match quotas.take(token) {
        Ok(standing) => {
            request.extensions_mut().insert(Caller { token, actor });
            (standing, next.run(request).await)
        }
        Err(spent) => {
            let title = format!("This token has spent its requests. Ask again in {} s.", spent.reset_s);
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", title);
            (spent, problem.retry_after(spent.reset_s * 1000).into_response())
        }
    };
    standing.write(response.headers_mut());
    response
}

/// A person's token, or an agent's, for what both may ask.
#[derive(Debug, Clone)]
pub enum Speaker {
    Person(Box<Actor>),
    Agent(AgentActor),
}

/// As [`guard`], and lets agents with a live token pass as the Workspace API does.
pub async fn guard_either(state: State<(AppState, Arc<Quotas>)>, request: Request, next: Next) -> Response {
    let agents = bearer(request.headers()).filter(|token| !token.starts_with(PREFIX)).map(ToOwned::to_owned);
    let Some(token) = agents else { return guard(state, request, next).await };
    match state.0.0.service.authenticate_agent(&token).await {
        Ok(agent) => {
            let mut request = request;
            request.extensions_mut().insert(Speaker::Agent(agent));
            next.run(request).await
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

impl FromRequestParts<AppState> for Speaker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        match parts.extensions.get::<Self>().cloned() {
            Some(agent) => Ok(agent),
            None => Ok(Self::Person(Box::new(Caller::from_request_parts(parts, state).await?.actor))),
        }
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Error::SignedOut.into())
    }
}
