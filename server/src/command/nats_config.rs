//! `countersign nats-config`: the configuration of a nats-server of your own. Makes the operator's keys
//! at the first call; run it before the first `serve`.

use crate::{
    cli::NatsConfig,
    command::running_database,
    compose::{self, Databases},
    embedded::DataDir,
    settings::Settings,
    surroundings::SystemClock,
};
use anyhow::Context;
use countersign_bus::{ServerPaths, config_text};
use countersign_service::ports::Clock;

pub async fn run(settings: &Settings, args: &NatsConfig) -> anyhow::Result<()> {
    // The key that seals the operator's keys may be made in it, before any server was.
    if settings.uses_data_dir() {
        DataDir::prepare(&settings.embedded.data_dir)?;
    }
    let databases = Databases::open(running_database(settings)?).await?;
    let identity = compose::identity(settings, &databases).await?;
    let paths = ServerPaths {
        listen: args.host,
        port: args.port,
        jetstream_dir: args.store_dir.clone(),
        jwt_dir: args.jwt_dir.clone(),
    };
    let text = config_text(&identity, &paths, SystemClock.now())?;
    if args.out == "-" {
        print!("{text}");
    } else {
        std::fs::write(&args.out, text).with_context(|| format!("{} cannot be written.", args.out))?;
        println!("Wrote {}. Start the nats-server with: nats-server --config {}", args.out, args.out);
    }
    databases.close().await;
    Ok(())
}
