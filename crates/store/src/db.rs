//! Connections, and transactions that see one tenant only.

use countersign_domain::TenantId;
use countersign_service::ports::StoreError;
use sqlx::{
    AssertSqlSafe, Executor, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;

/// In whose name statements run. None of them owns a table, or is exempt from its policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbRole {
    /// Checks journals and rebuilds read models; for operators' commands alone.
    Keeper,
    Web,
    Bridge,
    /// The Workspace API: what agents may have written.
    Agent,
}

impl DbRole {
    fn statement(self) -> &'static str {
        match self {
            Self::Keeper => "set role countersign_keeper; set statement_timeout = 0",
            Self::Web => "set role countersign_web; set statement_timeout = '15s'",
            Self::Bridge => "set role countersign_bridge; set statement_timeout = '60s'",
            Self::Agent => "set role countersign_agent; set statement_timeout = '15s'",
        }
    }
}

/// A pool of connections of one role. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    pool: PgPool,
}

impl Db {
    /// A pool that connects when first used, so that a server can start before its database.
    pub fn new(options: PgConnectOptions, role: DbRole, most: u32) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(Duration::from_secs(5))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    connection.execute(role.statement()).await?;
                    Ok(())
                })
            })
            .connect_lazy_with(options);
        Self { pool }
    }

    /// For statements outside any tenant (people, sessions).
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// A transaction outside any tenant.
    pub(crate) async fn tx(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        self.begin("begin".to_owned()).await
    }

    /// A transaction that sees and writes rows of `tenant` only.
    pub(crate) async fn tenant_tx(&self, tenant: TenantId) -> Result<Transaction<'static, Postgres>, StoreError> {
        self.begin(format!("begin; {}", entering(tenant))).await
    }

    /// A transaction that reads rows of `tenant` only, all as of one moment: a page's rows, count and
    /// figures agree whatever is written meanwhile.
    pub(crate) async fn tenant_read(&self, tenant: TenantId) -> Result<Transaction<'static, Postgres>, StoreError> {
        self.begin(format!("begin isolation level repeatable read, read only; {}", entering(tenant))).await
    }

    /// Begins as `statements` say, which go to the database together.
    ///
    /// It begins in a task of its own: a caller that is dropped while `BEGIN` is under way would
    /// otherwise give a connection back to the pool inside a transaction, and what the next caller
    /// writes would be rolled back with it (sqlx issues #4385, #4393).
    #[expect(clippy::disallowed_methods, reason = "this is the one place that begins")]
    async fn begin(&self, statements: String) -> Result<Transaction<'static, Postgres>, StoreError> {
        let pool = self.pool.clone();
        tokio::spawn(async move { pool.begin_with(AssertSqlSafe(statements)).await })
            .await
            .map_err(|error| StoreError::Unavailable(error.into()))?
            .map_err(unavailable)
    }

    /// Whether the database answers, within two seconds: a server that hangs accepts connections all the same.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let asked = sqlx::query("select 1").execute(&self.pool);
        match tokio::time::timeout(Duration::from_secs(2), asked).await {
            Ok(answer) => answer.map(drop).map_err(unavailable),
            Err(late) => Err(StoreError::Unavailable(late.into())),
        }
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Makes `tenant` the one whose rows the rest of the transaction sees.
pub(crate) async fn enter(tx: &mut Transaction<'static, Postgres>, tenant: TenantId) -> Result<(), StoreError> {
    tx.execute(AssertSqlSafe(entering(tenant))).await.map_err(unavailable)?;
    Ok(())
}

/// The digits of a tenant's id can say nothing else to the database.
fn entering(tenant: TenantId) -> String {
    format!("set local app.tenant = '{}'", tenant.0)
}

/// The outcome of a failed statement that no constraint of ours explains.
pub(crate) fn unavailable(error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::RowNotFound => StoreError::NotFound,
        // No text of Postgres has a character of number zero (SQLSTATE 22021, 22P05): the asker's mistake.
        sqlx::Error::Database(error) if matches!(error.code().as_deref(), Some("22021" | "22P05")) => {
            StoreError::Refused(
                "There is a character in it that cannot be kept: the one with the number zero. Take it out.".to_owned(),
            )
        }
        other => StoreError::Unavailable(other.into()),
    }
}

/// Whether a trigger of ours, or a check, said no (SQLSTATE 23514).
pub(crate) fn is_refused(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() == Some("23514")
}

/// As [`unavailable`], but a violation of the named constraint becomes `sentence`.
pub(crate) fn taken(constraint: &'static str, sentence: String) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| match error.as_database_error().and_then(|e| e.constraint()) {
        Some(name) if name == constraint => StoreError::Taken(sentence),
        _ => unavailable(error),
    }
}
