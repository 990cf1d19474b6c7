//! Connections, and how long each may take to say what it wants.

use super::{AppState, router};
use axum::{
    body::Body,
    extract::{ConnectInfo, Request},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{io, time::Duration};
use tokio::net::TcpListener;
use tower::ServiceExt;

/// Whoever has not sent the head of a request within this, first or next, holds no connection any longer. Browsers
/// open another one; `axum::serve` would wait for ever.
const HEAD_WITHIN: Duration = Duration::from_secs(15);
/// The most bytes of a head: twice what browsers send.
const HEAD_BYTES: usize = 64 * 1024;
/// After the machine had no room for another connection.
const REST: Duration = Duration::from_millis(500);

/// Serves until the state's token is cancelled; requests under way may end, streams are ended.
pub async fn serve(listener: TcpListener, state: AppState) -> io::Result<()> {
    let stop = state.stop.clone();
    let app = router(state);
    let connections = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).max_header_size(HEAD_BYTES);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_the_peers(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        let app = app.clone();
        let answer = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            app.clone().oneshot(request)
        });
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), answer));
        tokio::spawn(async move {
            // How a connection ends is its client's affair.
            if let Err(error) = connection.await {
                tracing::trace!(%error, "connection");
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
    Ok(())
}

/// Whether it is about the one connection alone.
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}
