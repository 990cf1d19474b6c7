//! Connecting as one of our own users, and knowing when the connection is lost.

use crate::{error::Error, identity::UserKey};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// A connection and whether it stands.
pub(crate) struct Link {
    pub client: Client,
    pub up: watch::Receiver<bool>,
    /// How often it was lost, whether or not it came back.
    pub losses: watch::Receiver<u64>,
}

/// How long a lost connection may take to come back before everything is set up anew (the server may
/// have lost our account).
const PATIENCE: Duration = Duration::from_secs(3);

/// Connects once; the caller retries.
pub(crate) async fn connect(url: &str, user: UserKey, name: &str) -> Result<Link, Error> {
    let (sender, up) = watch::channel(true);
    let (losing, losses) = watch::channel(0);
    let key = user.key;
    let client = ConnectOptions::with_jwt(user.jwt, move |nonce| {
        let key = Arc::clone(&key);
        async move { key.sign(&nonce).map_err(async_nats::AuthError::new) }
    })
    .name(name)
    .connection_timeout(Duration::from_secs(3))
    .request_timeout(Some(Duration::from_secs(5)))
    .ping_interval(Duration::from_secs(5))
    .reconnect_delay_callback(|tries| Duration::from_millis(u64::try_from(tries).unwrap_or(20).min(20) * 50))
    .event_callback(move |event| {
        let (sender, losing) = (sender.clone(), losing.clone());
        async move {
            match event {
                Event::Connected => drop(sender.send(true)),
                Event::Disconnected | Event::Closed => {
                    let _ = sender.send(false);
                    losing.send_modify(|losses| *losses += 1);
                }
                other => tracing::debug!(bus.event = %other, "bus connection"),
            }
        }
    })
    .connect(url)
    .await
    .map_err(|error| match error.kind() {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => Error::Refused,
        _ => Error::Connect { url: url.to_owned(), cause: error.to_string() },
    })?;
    Ok(Link { client, up, losses })
}

impl Link {
    /// Ends when the connection has been down for longer than patience.
    pub async fn lost(&self) -> Error {
        let mut up = self.up.clone();
        loop {
            if up.wait_for(|up| !up).await.is_err() {
                return Error::Lost;
            }
            if tokio::time::timeout(PATIENCE, up.wait_for(|up| *up)).await.is_err() {
                return Error::Lost;
            }
        }
    }
}
