//! The console over HTTP: pages, server functions, the live stream, downloads and probes; and the Workspace
//! API for agents.

mod act;
mod artifacts;
mod audit_export;
mod bearer;
mod body;
mod brief_link;
mod credential;
mod decision;
mod decision_log;
mod headers;
mod labels;
mod listen;
mod live;
mod origin;
mod own;
mod page;
mod probe;
mod problem;
mod refused;
pub mod rest;
mod session;
pub mod site;
mod sso;
mod step_up;
mod trace;
mod upload;
mod workspace;

pub use listen::serve;

use crate::network::Network;
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef},
    middleware::from_fn_with_state,
    routing::{any, get, post},
};
use countersign_bus::Health;
use countersign_service::Service;
use countersign_store::{Changes, Db};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, limit::RequestBodyLimitLayer, timeout::TimeoutLayer,
    trace::TraceLayer,
};

/// The largest form holds a payload of 256 KiB, in which a character may take three.
const BODY_BYTES: usize = 1024 * 1024;

/// What handlers share. Cheap to clone.
#[derive(Debug, Clone, FromRef)]
pub struct AppState {
    pub service: Service,
    pub changes: Changes,
    pub health: Health,
    pub database: Db,
    pub site: site::Site,
    /// Whether people reach the console by HTTPS.
    #[from_ref(skip)]
    pub secure: bool,
    /// The console's address as people reach it.
    #[from_ref(skip)]
    pub own_url: Arc<str>,
    #[from_ref(skip)]
    pub trusted_proxies: Arc<[Network]>,
    #[from_ref(skip)]
    pub stop: CancellationToken,
}

/// Every route of the server.
pub fn router(state: AppState) -> Router {
    // Views spawn their resources on Tokio. A second router of the same process finds it done.
    let _ = any_spawner::Executor::init_tokio();
    let pages = Router::new()
        .nest("/api/v1", rest::routes(&state).merge(workspace::routes()))
        .route("/api/docs", get(page::api_docs))
        .route("/api/{*function}", any(page::server_function))
        .route("/t/{tenant}/fleet/{agent}/credential", post(credential::download))
        .route("/t/{tenant}/audit/export", post(audit_export::download))
        .route("/t/{tenant}/decisions.csv", get(decision_log::csv))
        .route("/t/{tenant}/decisions.jsonl", get(decision_log::jsonl))
        .route("/t/{tenant}/decisions/{decision}", get(decision::file_or_page).post(page::page))
        .route("/t/{tenant}/decisions/{decision}/receipt.json", get(decision::receipt))
        .route("/d/{id}", get(brief_link::follow))
        .merge(sso::routes())
        .route("/healthz", get(probe::alive))
        .route("/readyz", get(probe::ready))
        .fallback(page::page)
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(20)))
        .layer(CompressionLayer::new());
    Router::new()
        // Outside the layers above: the stream has no end to wait for, and must not be held back by
        // a compressor; the site's files are compressed already; an artifact takes as long as it takes.
        .route("/t/{tenant}/live", get(live::stream))
        .merge(site::files(&state.site))
        .merge(artifacts::downloads())
        .merge(pages)
        // What says that it is too large is not read at all; what grows too large, no further.
        .layer(RequestBodyLimitLayer::new(BODY_BYTES))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        // Outside those limits: an artifact has its own, and takes as long as its sender needs.
        .merge(artifacts::routes(&state))
        .layer(
            ServiceBuilder::new()
                .layer(TraceLayer::new_for_http().make_span_with(trace::span))
                .layer(from_fn_with_state(state.clone(), headers::protect))
                .layer(CatchPanicLayer::new())
                .layer(origin::csrf(&state.own_url))
                .layer(from_fn_with_state(state.clone(), origin::known)),
        )
        .with_state(state)
}
