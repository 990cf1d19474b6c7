//! The children that `countersign serve` starts when nothing else is
//! configured: a Postgres and a nats-server in one data directory.
//!
//! [`DataDir::open`] claims the directory for this process, then
//! [`EmbeddedPostgres::start`] and [`EmbeddedNats::start`] bring the children
//! up and keep them up: a child that dies is started again, a child that an
//! earlier server left behind is stopped first, and when the server itself is
//! killed the kernel stops the children ([`leash`]). [`findings`] says what a
//! machine lacks without starting anything.
//!
//! Nothing here reads the environment: the composition root passes it in as
//! [`Host`]. Linux only (pidfds, `/proc`). Without util-linux's `setpriv` a killed
//! server leaves its children running until the next start.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

mod backoff;
mod binaries;
mod child;
mod cluster;
mod data_dir;
mod error;
mod findings;
pub mod leash;
mod leftovers;
mod log_file;
mod nats;
mod ports;
mod postgres;
mod run_as;
mod socket_dir;

pub use child::ChildStatus;
pub use data_dir::{DataDir, default_data_dir};
pub use error::EmbeddedError;
pub use findings::{Finding, FindingState, findings};
pub use nats::{EmbeddedNats, NatsPaths, Restart};
pub use postgres::EmbeddedPostgres;

/// What the children need to know.
#[derive(Clone, Debug)]
pub struct EmbeddedOptions {
    /// Where everything lives; see [`default_data_dir`].
    pub data_dir: PathBuf,
    /// The directory of `initdb` and `postgres`. When given, no other is tried.
    pub postgres_bin_dir: Option<PathBuf>,
    /// The nats-server binary. When given, no other is tried.
    pub nats_server: Option<PathBuf>,
    /// The address on which nats-server listens.
    pub nats_listen: IpAddr,
    /// The port on which nats-server must listen. Without it the port of the
    /// last start is used again, and another one when that is taken.
    pub nats_port: Option<u16>,
    /// What the machine's environment says.
    pub host: Host,
}

impl EmbeddedOptions {
    /// The defaults for a data directory: binaries found by search, NATS on
    /// the loopback address and the remembered port.
    pub fn new(data_dir: impl Into<PathBuf>, host: Host) -> Self {
        Self {
            data_dir: data_dir.into(),
            postgres_bin_dir: None,
            nats_server: None,
            nats_listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            nats_port: None,
            host,
        }
    }
}

/// The values of the environment that matter here, read by the composition root.
#[derive(Clone, Debug)]
pub struct Host {
    /// `PATH`: where programs are searched.
    pub path: OsString,
    /// `HOME`: a nats-server may lie in its `.cache/countersign/bin`.
    pub home: Option<PathBuf>,
    /// The directory for temporary files: holds the Postgres socket when the
    /// data directory's path is too long for one.
    pub temp_dir: PathBuf,
}

impl Host {
    /// The first file called `name` in the directories of `PATH`.
    fn program(&self, name: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path)
            .filter(|dir| dir.is_absolute())
            .map(|dir| dir.join(name))
            .find(|file| is_executable(file))
    }
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
