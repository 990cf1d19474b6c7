//! The configuration that a nats-server needs to serve Countersign's accounts.

use crate::{Identity, error::Error};
use countersign_domain::Millis;
use std::net::IpAddr;

/// Where a nats-server listens and keeps its files. Paths are as that server sees them.
#[derive(Debug, Clone)]
pub struct ServerPaths {
    pub listen: IpAddr,
    pub port: u16,
    /// Messages.
    pub jetstream_dir: String,
    /// Account claims.
    pub jwt_dir: String,
}

/// Disk that `JetStream` may use in all, in bytes. Account quotas are reserved from it.
const MAX_FILE: &str = "16GiB";

/// The text of the configuration file. It holds no secret: public claims only.
pub fn config_text(identity: &Identity, paths: &ServerPaths, now: Millis) -> Result<String, Error> {
    let (operator, system, system_jwt) = identity.server_texts(now)?;
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let listen = match paths.listen {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    Ok(format!(
        "# Written by Countersign at each start; changes here are lost.\n\
         server_name: countersign\n\
         listen: \"{listen}:{port}\"\n\
         max_payload: 1MiB\n\
         max_control_line: 8KiB\n\
         write_deadline: \"10s\"\n\
         # An agent that died without a word is known to be lost within 45 s.\n\
         ping_interval: \"15s\"\n\
         ping_max: 2\n\
         \n\
         jetstream {{\n\
         \x20 store_dir: {store}\n\
         \x20 max_memory_store: 64MiB\n\
         \x20 max_file_store: {MAX_FILE}\n\
         \x20 # An acknowledged message is on disk.\n\
         \x20 sync_interval: always\n\
         }}\n\
         \n\
         operator: {operator}\n\
         system_account: {system}\n\
         resolver {{\n\
         \x20 type: full\n\
         \x20 dir: {jwt}\n\
         \x20 allow_delete: false\n\
         \x20 interval: \"2m\"\n\
         }}\n\
         resolver_preload: {{\n\
         \x20 {system}: {system_jwt}\n\
         }}\n",
        port = paths.port,
        store = quoted(&paths.jetstream_dir),
        jwt = quoted(&paths.jwt_dir),
    ))
}
