//! Telling open pages that something changed, across all replicas, by Postgres' own notifications.

use crate::db::unavailable;
use countersign_domain::TenantId;
use countersign_service::ports::StoreError;
use serde::{Deserialize, Serialize};
use sqlx::{Postgres, Transaction, postgres::PgConnectOptions, postgres::PgListener};
use std::time::Duration;
use tokio::sync::broadcast;

const CHANNEL: &str = "countersign_change";

/// Something changed in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub tenant: TenantId,
    /// The length of the journal.
    pub seq: i64,
    /// Whether tasks (or events, or quarantine) changed.
    pub tasks: bool,
    /// Whether agents changed.
    pub fleet: bool,
    /// Whether there is something new to put on the bus.
    #[serde(default)]
    pub outbox: bool,
}

/// Puts a notification into the transaction: it goes out if and when it commits.
pub(crate) async fn notify(tx: &mut Transaction<'static, Postgres>, change: Change) -> Result<(), StoreError> {
    let text = serde_json::to_string(&change).expect("a change has string keys only");
    sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(text).execute(&mut **tx).await.map_err(unavailable)?;
    Ok(())
}

/// The stream of changes that this process hears.
#[derive(Debug, Clone)]
pub struct Changes {
    sender: broadcast::Sender<Change>,
}

impl Changes {
    /// Listens until the process ends, reconnecting when the database was away. What was missed in
    /// between is not repeated: a page that reconnects compares the journal's length.
    pub fn listen(options: PgConnectOptions) -> Self {
        let (sender, _) = broadcast::channel(1024);
        let out = sender.clone();
        tokio::spawn(async move {
            loop {
                if let Err(error) = hear(&options, &out).await {
                    tracing::warn!(%error, "not hearing changes; trying again");
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        Self { sender }
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }
}

async fn hear(options: &PgConnectOptions, out: &broadcast::Sender<Change>) -> Result<(), sqlx::Error> {
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    // `try_recv` answers None when the connection was lost: begin anew, visibly.
    while let Some(notification) = listener.try_recv().await? {
        match serde_json::from_str(notification.payload()) {
            // No receiver means no open page.
            Ok(change) => drop(out.send(change)),
            Err(error) => tracing::warn!(%error, "a notification in an unknown form"),
        }
    }
    Ok(())
}
