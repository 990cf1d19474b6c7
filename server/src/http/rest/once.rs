//! `Idempotency-Key`: a request that makes something, said again, makes nothing more
//! (draft-ietf-httpapi-idempotency-key-header-07).

use super::caller::Caller;
use crate::http::{AppState, body, problem::Problem};
use axum::{
    Json,
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign_service::ports::{KeptAnswer, Once, RequestKey};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const HEADER: &str = "idempotency-key";
/// The most characters of a key.
const MOST: usize = 200;
/// Before asking again for what somebody else is doing. Milliseconds.
const UNDER_WAY_MS: u64 = 1000;

/// A body with the key that its sender gave it, if any.
pub struct Keyed<T> {
    pub wanted: T,
    pub key: Key,
}

/// The key, and the SHA-256 of all that was asked with it.
pub struct Key(Option<(String, [u8; 32])>);

/// What was made.
pub struct Made<T> {
    pub status: StatusCode,
    pub location: Option<String>,
    pub body: T,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Keyed<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let key = match request.headers().get(HEADER) {
            None => None,
            Some(value) => Some(checked(value)?),
        };
        let asked = Sha256::new().chain_update(request.uri().path()).chain_update([0xff]);
        let bytes = body::take(request, state).await?;
        let digest = asked.chain_update(&bytes).finalize().into();
        Ok(Self { wanted: body::read(&bytes)?, key: Key(key.map(|key| (key, digest))) })
    }
}

fn checked(value: &HeaderValue) -> Result<String, Problem> {
    let text = value.to_str().ok().filter(|text| (1..=MOST).contains(&text.len()));
    let odd = || Problem::invalid(HEADER, "Give a key of 1 to 200 printable ASCII characters, such as a UUID.");
    text.map(ToOwned::to_owned).ok_or_else(odd)
}

impl Key {
    /// Does `work`, unless it was done with this key: then answers as before. `work` gets the id for what it makes.
    pub async fn once<T: Serialize>(
        self,
        state: &AppState,
        caller: &Caller,
        work: impl AsyncFnOnce(Option<Uuid>) -> Result<Made<T>, Problem>,
    ) -> Result<Response, Problem> {
        let Some((key, request)) = self.0 else {
            return Ok(respond(kept(&work(None).await?)?));
        };
        let asked = RequestKey { token: caller.token, key, request };
        let id = match state.service.begin_once(&caller.actor, &asked).await? {
            Once::Now(id) => id,
            Once::Done(answer) => return Ok(respond(answer)),
            Once::UnderWay => {
                let title = "A request with this key is under way. Ask again in a moment for its answer.";
                let problem = Problem::new(StatusCode::CONFLICT, "under_way", title);
                return Err(problem.retry_after(UNDER_WAY_MS));
            }
            Once::Other => {
                return Err(Problem::invalid(
                    HEADER,
                    "This key came with another request. Give each request a key of its own.",
                ));
            }
        };
        match work(Some(id)).await {
            Ok(made) => {
                let answer = kept(&made)?;
                // Where it is not kept, the thing is made all the same: asked again, it is found by its id.
                if let Err(error) = state.service.keep_answer(&caller.actor, &asked, answer.clone()).await {
                    tracing::warn!(%error, "an answer of the API was not kept");
                }
                Ok(respond(answer))
            }
            Err(problem) => {
                // Where that fails too, the key is free half a minute later.
                if let Err(error) = state.service.return_key(&caller.actor, &asked, !problem.is_fault()).await {
                    tracing::warn!(%error, "a key of the API was not given back");
                }
                Err(problem)
            }
        }
    }
}

fn kept<T: Serialize>(made: &Made<T>) -> Result<KeptAnswer, Problem> {
    let body = serde_json::to_string(&made.body)
        .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", error))?;
    Ok(KeptAnswer { status: made.status.as_u16(), location: made.location.clone(), body })
}

fn respond(answer: KeptAnswer) -> Response {
    let mut response = Json(()).into_response();
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    *response.body_mut() = Body::from(answer.body);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    if let Some(location) = answer.location.and_then(|location| HeaderValue::try_from(location).ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
