//! Replays of many dead letters.

use super::{
    caller::Caller,
    once::{Keyed, Made},
    question::{Named, word},
    refusals::{ActRefusals, ReadRefusals},
    shape::letter::ReplayPlan,
};
use crate::http::{AppState, problem::Problem};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use countersign_domain::{ReplayId, reading::LetterQuery};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which dead letters to do again: all that wait and match. What is left out does not narrow.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WantedReplay {
    agent: Option<String>,
    kind: Option<String>,
    /// `exhausted`, `given_up` or `undeliverable`.
    cause: Option<String>,
    /// Exactly this error.
    fingerprint: Option<String>,
    /// Exactly these, by the ids of their tasks; then nothing else narrows.
    tasks: Vec<String>,
    /// Letters a second, 1 to 100; left out, 10.
    rate: Option<u32>,
    /// Whether to say only what would be done.
    dry_run: bool,
    /// How many the dry run found: where others have come or gone since, nothing is replayed.
    expected: Option<u64>,
}

/// A replay under way.
#[derive(Serialize, ToSchema)]
pub struct Replay {
    #[schema(format = "uuid")]
    replay: String,
    /// Letters that it does again.
    count: u64,
}

/// Replay dead letters
///
/// All that match, oldest first, so many a second. Ask with `dry_run` first, and say the `count` that it answers as
/// `expected`.
#[utoipa::path(
    post, path = "/dead-letters/replay", tag = "Dead letters", operation_id = "replayDeadLetters",
    params(("Idempotency-Key" = Option<String>, Header, description = "A name for this request, such as a UUID. Said again within 24 hours, it is answered again and makes nothing more")),
    request_body = WantedReplay, security(("token" = ["dead_letters"])),
    responses(
        (status = 200, description = "What would be done (`dry_run`)", body = ReplayPlan),
        (status = 201, description = "They are being done again", body = Replay),
        ReadRefusals, ActRefusals
    )
)]
pub async fn start(
    State(state): State<AppState>,
    caller: Caller,
    Keyed { wanted, key }: Keyed<WantedReplay>,
) -> Result<Response, Problem> {
    let query = LetterQuery {
        agent: wanted.agent,
        kind: wanted.kind,
        cause: word("cause", wanted.cause.as_deref())?,
        fingerprint: wanted.fingerprint,
        ids: wanted.tasks,
        older_than: None,
    };
    let rate = wanted.rate.unwrap_or(10);
    if wanted.dry_run {
        let plan = state.service.preview_replay(&caller.actor, &query, rate).await?;
        return Ok(Json(ReplayPlan::from(plan)).into_response());
    }
    let missing = || Problem::invalid("expected", "Ask with `dry_run` first, and say the count that it answers.");
    let expected = wanted.expected.ok_or_else(missing)?;
    key.once(&state, &caller, async |_| {
        let (run, count) = state.service.replay_letters(&caller.actor, &query, rate, expected).await?;
        Ok(Made { status: StatusCode::CREATED, location: None, body: Replay { replay: run.to_string(), count } })
    })
    .await
}

/// What was called off.
#[derive(Serialize, ToSchema)]
pub struct Stopped {
    /// Letters that wait again.
    stopped: u64,
}

/// Stop a replay
///
/// What of it has not reached the bus is called off; those letters wait again.
#[utoipa::path(
    post, path = "/replays/{replay}/stop", tag = "Dead letters", operation_id = "stopReplay",
    params(("replay" = String, Path, description = "The replay's id")), security(("token" = ["dead_letters"])),
    responses((status = 200, description = "It is stopped", body = Stopped), ReadRefusals, ActRefusals)
)]
pub async fn stop(
    State(state): State<AppState>,
    caller: Caller,
    Named(replay): Named<ReplayId>,
) -> Result<Json<Stopped>, Problem> {
    Ok(Json(Stopped { stopped: state.service.stop_replay(&caller.actor, replay).await? }))
}
