//! The browser's files: built by `xtask client`, named by their content, compressed ahead.

use anyhow::Context;
use axum::{
    Router,
    http::{HeaderValue, Response, header},
    response::IntoResponse,
    routing::get,
};
use countersign_app::{
    SiteFiles,
    door::{VERIFY_PATH, VERIFY_SCRIPT},
};
use serde::Deserialize;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tower::ServiceBuilder;
use tower_http::{
    services::{ServeDir, ServeFile, fs::ServeFileSystemResponseBody},
    set_header::SetResponseHeaderLayer,
};

/// Where the files are, and what the current ones are called. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Site {
    dir: Arc<PathBuf>,
    pub files: SiteFiles,
}

#[derive(Deserialize)]
struct Manifest {
    js: String,
    wasm: String,
    css: String,
}

impl Site {
    /// Reads the manifest that the build writes last.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let path = dir.join("manifest.json");
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!(
                "There is no built console in {}. Build it with `cargo run -p xtask -- client`, or name its folder with --site-dir.",
                dir.display()
            )
        })?;
        let Manifest { js, wasm, css } =
            serde_json::from_str(&text).with_context(|| format!("{} cannot be understood.", path.display()))?;
        Ok(Self { dir: Arc::new(dir.to_owned()), files: SiteFiles { js, wasm, css } })
    }
}

/// Its address changes with its content.
fn script(text: &'static str) -> impl IntoResponse {
    let kind = (header::CONTENT_TYPE, "text/javascript; charset=utf-8");
    ([kind, (header::CACHE_CONTROL, FOREVER)], text)
}

const FOREVER: &str = "public, max-age=31536000, immutable";

/// Routes of the files. A file whose name has its content's hash never changes.
pub fn files<S: Clone + Send + Sync + 'static>(site: &Site) -> Router<S> {
    // What is not there now may be there soon: while one replica is newer than another.
    let cached = |text: &'static str| {
        let there = move |answer: &Response<ServeFileSystemResponseBody>| {
            answer.status().is_success().then(|| HeaderValue::from_static(text))
        };
        ServiceBuilder::new().layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, there))
    };
    let dir = |name: &str| ServeDir::new(site.dir.join(name)).precompressed_br();
    let file = |name: &str| ServeFile::new(site.dir.join(name)).precompressed_br();
    const HOUR: &str = "public, max-age=3600";
    Router::new()
        .nest_service("/pkg", cached(FOREVER).service(dir("pkg")))
        .nest_service("/fonts", cached(FOREVER).service(dir("fonts")))
        .route("/passkey.js", get(async || script(countersign_app::PASSKEY_SCRIPT)))
        .route("/desk.js", get(async || script(countersign_app::DESK_SCRIPT)))
        .route(VERIFY_PATH, get(async || script(VERIFY_SCRIPT)))
        .route_service("/icons.svg", cached(HOUR).service(file("icons.svg")))
        .route_service("/favicon.svg", cached(HOUR).service(file("favicon.svg")))
}
