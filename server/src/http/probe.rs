//! Probes for those who run the server.

use super::AppState;
use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// Who asks gives up soon, and would then take the server for dead.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the process answers.
pub async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Whether it can do its work. Without the bus it can: reading and deciding go on, so it is
/// `degraded`, not unready.
pub async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Value>) {
    let bus = state.health.now();
    let database = tokio::time::timeout(PATIENCE, state.database.ping()).await.is_ok_and(|answer| answer.is_ok());
    let (code, status) = match (database, bus.connected) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        (true, false) => (StatusCode::OK, "degraded"),
        (true, true) => (StatusCode::OK, "ok"),
    };
    (code, Json(json!({ "status": status, "database": database, "bus": bus.connected })))
}
