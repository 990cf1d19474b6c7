//! The commands, one a file.

mod check_config;
mod demo;
mod doctor;
mod health;
mod journal;
mod migrate;
mod nats_config;
mod rebuild;
mod schema;
mod serve;
mod sso;
mod user;
mod verify;

use crate::{
    cli::{Cli, Command},
    settings::{BusAt, Database, Process, Settings, merge, read_file},
};
use anyhow::{Context, bail};
use sqlx::postgres::PgConnectOptions;
use std::process::ExitCode;

/// Runs what the command line asks for.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    // It asks nothing of this machine, so a configuration that cannot work must not keep it from working.
    if let Some(Command::Verify(args)) = &cli.command {
        return verify::run(args);
    }
    if let Some(Command::Schema(args)) = &cli.command {
        return schema::run(args);
    }
    let file = cli.config.as_deref().map(read_file).transpose()?.unwrap_or_default();
    let settings = Settings::resolve(merge(cli.options, file), &Process::here())?;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(settings).await?,
        Command::Migrate => migrate::run(&settings).await?,
        Command::CheckConfig => return check_config::run(&settings),
        Command::Doctor => return doctor::run(&settings).await,
        Command::Health => return health::run(&settings).await,
        Command::NatsConfig(args) => nats_config::run(&settings, &args).await?,
        Command::Verify(args) => return verify::run(&args),
        Command::Schema(args) => return schema::run(&args),
        Command::Journal(args) => return journal::run(&settings, &args).await,
        Command::User(args) => return user::run(&settings, &args).await,
        Command::Sso(args) => return sso::run(&settings, &args).await,
        Command::Rebuild => rebuild::run(&settings).await?,
        Command::Demo(args) => demo::run(&settings, args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The file in which a serving process says where its embedded database listens, for the other
/// commands: only one process at a time may own the data directory.
const SOCKET_FILE: &str = "run/database-socket";
/// As [`SOCKET_FILE`], for the address of the embedded bus.
const BUS_FILE: &str = "run/bus-address";
/// As [`SOCKET_FILE`], for the address of the console.
const CONSOLE_FILE: &str = "run/console-address";

/// The database of a server that is running, or a given one.
fn running_database(settings: &Settings) -> anyhow::Result<PgConnectOptions> {
    match &settings.database {
        Database::Given(options) => Ok((**options).clone()),
        Database::Embedded => {
            let file = settings.embedded.data_dir.join(SOCKET_FILE);
            let text = std::fs::read_to_string(&file).with_context(|| {
                let dir = settings.embedded.data_dir.display();
                format!(
                    "No server keeps its data in {dir}. Start it with `countersign serve`, or name another --data-dir."
                )
            })?;
            let Some((socket, port)) = text.trim().rsplit_once(':') else {
                bail!("{} cannot be understood; restart the server.", file.display());
            };
            Ok(PgConnectOptions::new_without_pgpass()
                .socket(socket)
                .port(port.parse()?)
                .username("countersign_owner")
                .database("countersign"))
        }
    }
}

/// The bus of a server that is running: given, or where the embedded one was last started.
fn running_bus(settings: &Settings) -> anyhow::Result<String> {
    if let BusAt::Given(url) = &settings.bus {
        return Ok(url.clone());
    }
    let file = settings.embedded.data_dir.join(BUS_FILE);
    let text = std::fs::read_to_string(&file).with_context(|| "The server's bus is not running.")?;
    Ok(text.trim().to_owned())
}
