//! The same rows by `COPY`, into tables with the same columns and indexes, and no journal.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, postgres::PgConnectOptions};
use std::time::Instant;

pub struct Copied {
    pub rows: u64,
    pub seconds: f64,
}

/// What ingest writes, beside the journal.
const TABLES: [&str; 6] = ["inbox", "task", "task_text", "task_message", "task_signal", "attempt"];

/// Writes the tables' rows to files, and times reading them back into empty copies of the tables.
pub async fn measure(owner: &PgConnectOptions) -> anyhow::Result<Copied> {
    let mut connection = PgConnection::connect_with(owner).await?;
    let mut copied = Copied { rows: 0, seconds: 0.0 };
    for table in TABLES {
        let (columns,): (String,) = sqlx::query_as(
            "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
             where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
        )
        .bind(table)
        .fetch_one(&mut connection)
        .await?;
        let (directory,): (String,) = sqlx::query_as("show data_directory").fetch_one(&mut connection).await?;
        let file = format!("{directory}/bench-{table}.copy");
        let run = |sql: String| AssertSqlSafe(sql);
        connection.execute(run(format!("create table bench_{table} (like {table} including all)"))).await?;
        connection.execute(run(format!("copy (select {columns} from {table}) to '{file}'"))).await?;
        connection.execute("checkpoint").await?;
        let begun = Instant::now();
        let done = connection.execute(run(format!("copy bench_{table} ({columns}) from '{file}'"))).await?;
        copied.seconds += begun.elapsed().as_secs_f64();
        copied.rows += done.rows_affected();
    }
    Ok(copied)
}
