//! Retention of artifacts, once an hour. Several servers may do it at the same time.

use countersign_service::Service;
use std::time::Duration;

const PAUSE: Duration = Duration::from_secs(60 * 60);

/// Runs until it is dropped.
pub async fn run(service: Service) {
    loop {
        match service.retire_artifacts().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "artifacts that nothing named were removed"),
            Err(error) => tracing::warn!(%error, "retention of artifacts goes on later"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
