//! Roles and migrations, run as the database's owner before anything else.

use sqlx::{Connection, Executor, PgConnection, postgres::PgConnectOptions};

/// Why the database could not be made ready, with a way out.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("The database cannot be reached: {0}. Check DATABASE_URL: host, port, name, user and password.")]
    Connect(#[source] sqlx::Error),
    #[error("The database is Postgres {0}; Countersign needs 14 or newer.")]
    TooOld(String),
    #[error(
        "The database user may not create the roles countersign_web, countersign_bridge, countersign_agent and countersign_keeper: {0}. Give it CREATEROLE, or create these roles and grant them to it."
    )]
    Roles(#[source] sqlx::Error),
    #[error("The database could not be brought up to date: {0}. Nothing was lost; mend the cause and start again.")]
    Migrations(#[from] sqlx::migrate::MigrateError),
}

/// Concurrent starts on one cluster may race for a role; losing that race is fine. Since Postgres 16
/// who creates a role is its member, but may not act as it before a grant says so (`SET`).
const ROLES: &str = "
do $$
declare
    name text;
    kind constant text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
begin
    foreach name in array array['countersign_web', 'countersign_bridge', 'countersign_agent', 'countersign_keeper'] loop
        if not exists (select from pg_roles where rolname = name) then
            begin
                execute format('create role %I nologin', name);
            exception when duplicate_object or unique_violation then null;
            end;
        end if;
        if not pg_has_role(current_user, name, kind) then
            execute format('grant %I to current_user', name);
        end if;
    end loop;
end $$";

/// Brings the database of `options` (its owner) up to date.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), MigrateError> {
    let mut connection = PgConnection::connect_with(options).await.map_err(MigrateError::Connect)?;
    let number: (String,) =
        sqlx::query_as("show server_version_num").fetch_one(&mut connection).await.map_err(MigrateError::Connect)?;
    if number.0.parse::<u32>().unwrap_or(0) < 140_000 {
        let (version,): (String,) =
            sqlx::query_as("show server_version").fetch_one(&mut connection).await.map_err(MigrateError::Connect)?;
        return Err(MigrateError::TooOld(version));
    }
    connection.execute(ROLES).await.map_err(MigrateError::Roles)?;
    sqlx::migrate!("../../migrations").run(&mut connection).await?;
    let _ = connection.close().await;
    Ok(())
}
