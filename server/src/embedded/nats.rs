//! nats-server as a child of the server.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::timeout;

use super::binaries::NatsBinary;
use super::child::{Charge, ChildStatus, Supervised};
use super::data_dir::write_private;
use super::leftovers::{self, Ladder, Mark};
use super::log_file::LogFile;
use super::ports::{Ports, is_free};
use super::{DataDir, EmbeddedError, EmbeddedOptions, Host, leash};

/// Its lame duck mode would take minutes to tell clients what a restart on the
/// same port tells them too.
const STOP: Ladder = &[(Signal::TERM, Duration::from_secs(10))];

/// What the configuration text must say. The server's name and its pid file
/// are set on the command line.
#[derive(Clone, Debug)]
pub struct NatsPaths {
    /// For `listen`, with `port`.
    pub host: IpAddr,
    pub port: u16,
    /// For `jetstream { store_dir }`.
    pub store_dir: PathBuf,
    /// For the resolver's `dir`.
    pub jwt_dir: PathBuf,
}

/// A running nats-server that is started again, on the same port, when it dies.
#[derive(Debug)]
pub struct EmbeddedNats {
    child: Supervised,
    address: SocketAddr,
    moved_from: Option<u16>,
    /// Where its data lie.
    data: PathBuf,
}

/// Restarts a nats-server that gave up on a stream when its disk was full.
#[derive(Debug, Clone)]
pub struct Restart {
    status: watch::Receiver<ChildStatus>,
    data: PathBuf,
}

impl Restart {
    /// Less room than this would soon be none again.
    const ROOM: u64 = 16 << 20;

    /// Lets nats-server end if there is room on its disk; it is then started again as after any end.
    pub fn when_there_is_room(&self) {
        let room = rustix::fs::statvfs(&self.data).map_or(0, |disk| disk.f_bavail * disk.f_frsize);
        let ChildStatus::Ready { pid } = *self.status.borrow() else { return };
        if room < Self::ROOM {
            return;
        }
        tracing::warn!(child = NatsCharge::NAME, "there is room on the disk again: restarting");
        if let Some(pid) = Pid::from_raw(pid.cast_signed()) {
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

impl EmbeddedNats {
    /// Returns when nats-server answers. `config` gives the text of its
    /// configuration and is asked again before each start.
    pub async fn start(
        dir: &DataDir,
        options: &EmbeddedOptions,
        config: impl Fn(&NatsPaths) -> String + Clone + Send + Sync + 'static,
    ) -> Result<Self, EmbeddedError> {
        let binary = NatsBinary::find(options)?;
        // First, since a leftover holds the port.
        stop_leftovers(&dir.nats()).await?;
        let mut ports = Ports::read(dir.path());
        let host = options.nats_listen;
        let candidates: Vec<u16> = options.nats_port.map_or_else(|| ports.candidates().collect(), |port| vec![port]);
        for port in candidates {
            if !is_free(host, port) {
                continue;
            }
            let charge = NatsCharge::new(dir, &options.host, &binary, NatsPaths::new(dir, host, port), config.clone())?;
            let address = charge.address();
            match Supervised::start(charge).await {
                Ok(child) => {
                    let moved_from = ports.first().filter(|first| options.nats_port.is_none() && *first != port);
                    if let Some(first) = moved_from {
                        tracing::warn!(
                            "port {first}, which agents were told, is taken: NATS listens on port {port} now"
                        );
                    }
                    ports.remember(dir.path(), port)?;
                    return Ok(Self { child, address, moved_from, data: dir.nats() });
                }
                // Somebody was quicker than nats-server.
                Err(EmbeddedError::Exited { said, .. }) if said.contains("address already in use") => {}
                Err(error) => return Err(error),
            }
        }
        let host = host.to_string();
        Err(match options.nats_port {
            Some(port) => EmbeddedError::PortTaken { host, port },
            None => EmbeddedError::NoFreePort { host },
        })
    }

    /// The address for clients on this machine, such as `nats://127.0.0.1:4222`.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The port that agents were told before and that is taken now.
    pub fn moved_from(&self) -> Option<u16> {
        self.moved_from
    }

    pub fn status(&self) -> watch::Receiver<ChildStatus> {
        self.child.status()
    }

    /// A way to restart it from elsewhere.
    pub fn restart(&self) -> Restart {
        Restart { status: self.child.status(), data: self.data.clone() }
    }

    /// Stops nats-server and waits until it is gone.
    pub async fn stop(self) {
        self.child.stop().await;
    }
}

impl NatsPaths {
    fn new(dir: &DataDir, host: IpAddr, port: u16) -> Self {
        let nats = dir.nats();
        Self { host, port, store_dir: nats.join("jetstream"), jwt_dir: nats.join("jwt") }
    }
}

struct NatsCharge {
    _dir: DataDir,
    nats: PathBuf,
    host: Host,
    binary: PathBuf,
    /// Tells our server from another one that took the port.
    name: String,
    paths: NatsPaths,
    config: Box<dyn Fn(&NatsPaths) -> String + Send + Sync>,
    log: LogFile,
}

impl NatsCharge {
    fn new(
        dir: &DataDir,
        host: &Host,
        binary: &NatsBinary,
        paths: NatsPaths,
        config: impl Fn(&NatsPaths) -> String + Send + Sync + 'static,
    ) -> Result<Self, EmbeddedError> {
        Ok(Self {
            _dir: dir.clone(),
            nats: dir.nats(),
            host: host.clone(),
            binary: binary.file.clone(),
            name: format!("countersign-{}", dir.mark()?),
            paths,
            config: Box::new(config),
            log: LogFile::new(dir.path().join("nats.log")),
        })
    }

    fn address(&self) -> SocketAddr {
        let host = match self.paths.host {
            IpAddr::V4(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(any) if any.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            host => host,
        };
        SocketAddr::new(host, self.paths.port)
    }
}

impl fmt::Debug for NatsCharge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsCharge").field("paths", &self.paths).finish_non_exhaustive()
    }
}

impl Charge for NatsCharge {
    const NAME: &'static str = "nats-server";
    const STOP: Ladder = STOP;

    async fn prepare(&self) -> Result<Command, EmbeddedError> {
        stop_leftovers(&self.nats).await?;
        let config = config_file(&self.nats);
        write_private(&config, (self.config)(&self.paths).as_bytes())?;
        let mut command = leash::command(&self.host, &self.binary, "TERM");
        command.arg("--config").arg(&config).arg("--name").arg(&self.name);
        command.arg("--pid").arg(self.nats.join("nats.pid")).current_dir(&self.nats);
        self.log.take(&mut command)?;
        Ok(command)
    }

    async fn ready(&self) -> Result<(), String> {
        let greeting = timeout(Duration::from_secs(5), greeting(self.address())).await;
        let name = greeting.map_err(|_| "no greeting".to_owned())?.map_err(|error| error.to_string())?;
        if name == self.name { Ok(()) } else { Err(format!("another server, {name}, has its port")) }
    }

    async fn tidy(&self) -> Result<(), EmbeddedError> {
        stop_leftovers(&self.nats).await
    }

    fn log(&self) -> &LogFile {
        &self.log
    }

    fn user(&self) -> &'static str {
        "of this server"
    }
}

/// The name in the `INFO {…}` line with which a server greets each client
/// (NATS client protocol).
async fn greeting(address: SocketAddr) -> std::io::Result<String> {
    #[derive(Deserialize)]
    struct Info {
        server_name: String,
    }
    let mut line = String::new();
    BufReader::new(TcpStream::connect(address).await?).read_line(&mut line).await?;
    let info = line.strip_prefix("INFO ").unwrap_or_default();
    Ok(serde_json::from_str::<Info>(info)?.server_name)
}

async fn stop_leftovers(nats: &Path) -> Result<(), EmbeddedError> {
    leftovers::stop_all(leftovers::working_in(nats, Mark::Argument(&config_file(nats))), STOP, nats).await
}

fn config_file(nats: &Path) -> PathBuf {
    nats.join("nats.conf")
}
