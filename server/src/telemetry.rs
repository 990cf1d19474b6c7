//! Logs: to standard error, one line an event, filtered by `--log` (the syntax of `tracing`'s
//! `EnvFilter`). Standard output is for what a person or script reads: addresses, links.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts logging; a second call changes nothing.
pub fn start(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // Told on standard error it would panic, in whatever task, once nobody reads that any more.
        .log_internal_errors(false)
        .try_init();
}
