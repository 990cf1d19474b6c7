//! The Postgres process: the product's own embedded one, on a socket, under the harness' control.

use super::unit::Child;
use countersign_server::embedded::{ChildStatus, DataDir, EmbeddedOptions, EmbeddedPostgres};
use sqlx::postgres::PgConnectOptions;

/// A running Postgres.
#[derive(Debug)]
pub struct Postgres(EmbeddedPostgres);

/// Where its data is.
#[derive(Debug, Clone)]
pub struct PostgresRecipe {
    pub dir: DataDir,
    pub options: EmbeddedOptions,
}

impl Postgres {
    /// As the owner, past every link.
    pub fn owner(&self) -> PgConnectOptions {
        self.0.connect_options()
    }
}

impl Child for Postgres {
    const NAME: &'static str = "postgres";
    type Recipe = PostgresRecipe;

    async fn start(recipe: &PostgresRecipe) -> anyhow::Result<Self> {
        Ok(Self(EmbeddedPostgres::start(&recipe.dir, &recipe.options).await?))
    }

    async fn stop(self) {
        self.0.stop().await;
    }

    fn pid(&self) -> Option<u32> {
        match *self.0.status().borrow() {
            ChildStatus::Ready { pid } => Some(pid),
            _ => None,
        }
    }
}
