//! When to stop.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Ends the token at SIGTERM or SIGINT. A second signal ends the process at once.
pub fn stop_on_signals() -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let token = stop.clone();
    tokio::spawn(async move {
        let mut first = true;
        loop {
            tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
            if !first {
                std::process::exit(130);
            }
            first = false;
            token.cancel();
            tracing::info!("stopping");
        }
    });
    Ok(stop)
}
