//! The live stream: tells an open page that something changed; the page then asks for what it shows.

use super::{AppState, session::Session};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use countersign_service::Error;
use countersign_store::Change;
use futures::Stream;
use serde_json::json;
use std::{convert::Infallible, time::Duration};
use tokio::sync::broadcast::error::RecvError;

/// Proxies cut connections that are silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A session that has ended since must not go on listening for longer than this.
const CHECK_SESSION_EVERY: Duration = Duration::from_secs(15);

/// Server-sent events of a tenant, for as long as the session lives. To listen is no use of it: an open page
/// that nobody looks at would never let it end.
pub async fn stream(State(state): State<AppState>, session: Session, Path(tenant): Path<String>) -> Response {
    match session.listener_in(&state, &tenant).await {
        Ok(actor) => {
            let events = events(state, session, actor.tenant, tenant);
            Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
        }
        // 204 tells an EventSource to stop trying.
        Err(Error::SignedOut) => StatusCode::NO_CONTENT.into_response(),
        Err(Error::Unavailable { .. }) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn events(
    state: AppState,
    session: Session,
    tenant: countersign_domain::TenantId,
    tenant_name: String,
) -> impl Stream<Item = Result<Event, Infallible>> {
    async_stream(move |out| async move {
        let mut changes = state.changes.subscribe();
        // What happened between the page's own reading and this moment.
        if out.send(changed(0, true, true).retry(Duration::from_secs(2))).await.is_err() {
            return;
        }
        let mut check = tokio::time::interval(CHECK_SESSION_EVERY);
        check.tick().await;
        loop {
            let event = tokio::select! {
                () = state.stop.cancelled() => return,
                _ = check.tick() => {
                    if matches!(session.listener_in(&state, &tenant_name).await, Err(Error::SignedOut | Error::NotFound)) {
                        return;
                    }
                    continue;
                }
                change = changes.recv() => match change {
                    Ok(change) if change.tenant == tenant => {
                        let Change { seq, tasks, fleet, .. } = change;
                        changed(seq, tasks, fleet)
                    }
                    Ok(_) => continue,
                    Err(RecvError::Lagged(_)) => changed(0, true, true),
                    Err(RecvError::Closed) => return,
                },
            };
            if out.send(event).await.is_err() {
                return;
            }
        }
    })
}

fn changed(seq: i64, tasks: bool, fleet: bool) -> Event {
    let event =
        Event::default().event("changed").data(json!({ "seq": seq, "tasks": tasks, "fleet": fleet }).to_string());
    if seq > 0 { event.id(seq.to_string()) } else { event }
}

/// A stream fed by a task that ends when nobody listens any more.
fn async_stream<F, Fut>(feed: F) -> impl Stream<Item = Result<Event, Infallible>>
where
    F: FnOnce(tokio::sync::mpsc::Sender<Event>) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = tokio::sync::mpsc::channel(16);
    tokio::spawn(feed(sender));
    futures::StreamExt::map(tokio_stream::wrappers::ReceiverStream::new(receiver), Ok)
}
