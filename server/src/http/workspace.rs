//! The Workspace API: what agents may ask of the console, under `/api/v1`. JSON in and out; refusals are
//! [`Problem`]s. docs/workspace-api.md describes it for those who write agents.

use super::{
    AppState,
    bearer::bearer,
    body::{Body, MOST_BYTES},
    labels,
    problem::Problem,
};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    routing::{any, get, post},
};
use countersign_domain::{Millis, TaskId};
use countersign_service::{AgentError, CHALLENGE_MS, Next, TOKEN_MS, USUAL_LEASE_SECONDS, Work, ports::AgentActor};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

/// The routes below `/api/v1`.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/agent/challenge", post(challenge))
        .route("/agent/token", post(token))
        .route("/agent/credential", post(renew_credential))
        .route("/claims", post(claim))
        .route("/claims/{task}/renew", post(renew))
        .route("/claims/{task}/complete", post(complete))
        .route("/claims/{task}/fail", post(fail))
        .route("/labels", get(labels::list))
        .route("/labels/{*label}", get(labels::find).put(labels::set))
        // No fallback: the console's own `/api/{*function}` would come before it.
        .route("/{*nothing}", any(async || Problem::nothing_here()))
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "This address does not take that method.")
        })
        .layer(DefaultBodyLimit::max(MOST_BYTES))
}

/// The agent that a request's bearer token belongs to (RFC 6750).
pub struct Caller(pub AgentActor);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or(AgentError::Unproven)?;
        Ok(Self(state.service.authenticate_agent(token).await?))
    }
}

/// The task in the address. What is no id names no task.
struct Named(TaskId);

impl FromRequestParts<AppState> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let path: Result<Path<String>, _> = Path::from_request_parts(parts, state).await;
        let task = path.ok().and_then(|Path(text)| text.parse().ok());
        Ok(Self(task.ok_or(AgentError::NotFound)?))
    }
}

async fn challenge(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let challenge = state.service.challenge_agent().await?;
    Ok(Json(json!({ "challenge": BASE64URL_NOPAD.encode(&challenge), "expires_in_ms": CHALLENGE_MS })))
}

#[derive(Deserialize)]
struct Proof {
    jwt: String,
    challenge: String,
    signature: String,
}

async fn token(State(state): State<AppState>, Body(proof): Body<Proof>) -> Result<Json<Value>, Problem> {
    let decoded = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).ok();
    let challenge = decoded(&proof.challenge).and_then(|bytes| bytes.try_into().ok());
    let (Some(challenge), Some(signature)) = (challenge, decoded(&proof.signature)) else {
        return Err(Problem::invalid("signature", "Challenge and signature are base64url without padding.".to_owned()));
    };
    let admitted = state.service.admit_agent(&proof.jwt, challenge, &signature).await?;
    Ok(Json(json!({ "token": admitted.token, "agent": admitted.agent, "expires_in_ms": TOKEN_MS })))
}

/// New claims for the key that the agent has.
async fn renew_credential(State(state): State<AppState>, Caller(actor): Caller) -> Result<Json<Value>, Problem> {
    let (jwt, expires_at) = state.service.renew_credential(&actor).await?;
    Ok(Json(json!({ "jwt": jwt, "expires": expires_at.to_rfc3339() })))
}

#[derive(Deserialize)]
struct Claiming {
    /// The sequence of the task's message in its stream,
    sequence: u64,
    /// and which delivery of it this is, as every client finds them in the message's metadata.
    delivery: u32,
    lease_seconds: Option<u32>,
}

/// A lease as it is answered: a length to count down by one's own clock, and the server's word for its end.
#[derive(Serialize)]
struct Lease {
    lease_ms: i64,
    until: String,
}

fn lease(seconds: u32, until: Millis) -> Lease {
    Lease { lease_ms: i64::from(seconds) * 1000, until: until.to_rfc3339() }
}

#[derive(Serialize)]
struct Claimed {
    task: TaskId,
    attempt: u32,
    fence: i64,
    #[serde(flatten)]
    lease: Lease,
}

async fn claim(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<Claiming>,
) -> Result<Json<Claimed>, Problem> {
    let seconds = body.lease_seconds.unwrap_or(USUAL_LEASE_SECONDS);
    let claim = state.service.claim_task(&actor, body.sequence, body.delivery, seconds).await?;
    let lease = lease(seconds, claim.until);
    Ok(Json(Claimed { task: claim.task, attempt: claim.attempt, fence: claim.fence, lease }))
}

#[derive(Deserialize)]
struct Renewal {
    fence: i64,
    lease_seconds: Option<u32>,
}

async fn renew(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Named(task): Named,
    Body(body): Body<Renewal>,
) -> Result<Json<Lease>, Problem> {
    let seconds = body.lease_seconds.unwrap_or(USUAL_LEASE_SECONDS);
    let until = state.service.renew_lease(&actor, task, body.fence, seconds).await?;
    Ok(Json(lease(seconds, until)))
}

#[derive(Deserialize)]
struct Completion {
    fence: i64,
    result: Option<Box<RawValue>>,
    #[serde(default)]
    artifacts: Vec<String>,
    usd: Option<f64>,
}

async fn complete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Named(task): Named,
    Body(body): Body<Completion>,
) -> Result<Json<Value>, Problem> {
    let result = body.result.map(|result| result.get().to_owned());
    let work = Work { result, artifacts: body.artifacts, usd: body.usd };
    state.service.complete_task(&actor, task, body.fence, work).await?;
    Ok(Json(json!({ "task": task })))
}

#[derive(Deserialize)]
struct Failure {
    fence: i64,
    reason: String,
    /// Seconds before another attempt.
    retry_in: Option<u32>,
    #[serde(default, rename = "final")]
    is_final: bool,
}

async fn fail(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Named(task): Named,
    Body(body): Body<Failure>,
) -> Result<Json<Value>, Problem> {
    let next = match (body.retry_in, body.is_final) {
        (Some(seconds), false) => Next::Retry { seconds },
        (None, true) => Next::Nothing,
        _ => {
            return Err(Problem::invalid(
                "retry_in",
                "Say either `retry_in` (seconds) or `\"final\": true`.".to_owned(),
            ));
        }
    };
    state.service.fail_task(&actor, task, body.fence, &body.reason, next).await?;
    Ok(Json(json!({ "task": task })))
}
