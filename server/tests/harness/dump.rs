//! All that is in a database, as text.

use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::BTreeMap;

/// Every row of every table, by the table's name.
pub async fn dump(owner: &mut PgConnection) -> BTreeMap<String, Vec<String>> {
    let tables: Vec<(String,)> =
        sqlx::query_as("select tablename::text from pg_tables where schemaname = 'public' order by 1")
            .fetch_all(&mut *owner)
            .await
            .unwrap();
    assert!(tables.len() > 20, "the tables of the console: {tables:?}");
    let mut all = BTreeMap::new();
    for (table,) in tables {
        let sql = format!("select t::text from {table} t order by 1");
        let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut *owner).await.unwrap();
        all.insert(table, rows.into_iter().map(|(row,)| row).collect());
    }
    all
}
