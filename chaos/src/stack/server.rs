//! A `countersign serve` process that is given its database and its bus.

use super::unit::Child;
use crate::process;
use anyhow::{Context, bail};
use countersign_server::embedded::{Host, leash, leash::Leash};
use rustix::process::Signal;
use std::{
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::ChildStdout,
    time::timeout,
};

/// A start that fails (the database is away) is repeated for so long, as a service manager does.
const STARTS_WITHIN: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(300);
/// Of one start, until the addresses are printed.
const PRINTS_WITHIN: Duration = Duration::from_secs(40);
const STOPS_WITHIN: Duration = Duration::from_secs(15);

/// A running server. Dropping it kills the process.
pub struct Server {
    child: tokio::process::Child,
    console: SocketAddr,
    /// Its end is the process's.
    _leash: Leash,
}

/// How a server is started.
pub struct ServerRecipe {
    pub program: PathBuf,
    /// Where it works, and `site` and its log are.
    pub dir: PathBuf,
    pub log: PathBuf,
    pub database_url: String,
    pub bus_url: String,
    pub secret_key_file: PathBuf,
    /// Seconds.
    pub ack_wait: u64,
    /// `<name>:<nth>`, where the server shall abort.
    pub failpoint: Mutex<Option<String>>,
    pub host: Host,
    /// Starts that ended before the server stood.
    pub failed_starts: AtomicU32,
}

impl ServerRecipe {
    /// From the next start on there is no failpoint.
    pub fn disarm(&self) {
        *self.failpoint.lock().expect("nobody panics with it") = None;
    }
}

impl Server {
    pub fn console(&self) -> SocketAddr {
        self.console
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    async fn try_start(recipe: &ServerRecipe) -> anyhow::Result<Self> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&recipe.log).context("the log")?;
        let mut command = leash::command(&recipe.host, &recipe.program, "KILL");
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(recipe.dir.join("none"))
            .arg("--site-dir")
            .arg(recipe.dir.join("site"))
            .arg("--secret-key-file")
            .arg(&recipe.secret_key_file)
            .arg("--ack-wait")
            .arg(recipe.ack_wait.to_string())
            .env("DATABASE_URL", &recipe.database_url)
            .env("NATS_URL", &recipe.bus_url)
            .env("COUNTERSIGN_LOG", "info,sqlx=warn,async_nats=warn")
            .current_dir(&recipe.dir)
            .stdout(Stdio::piped())
            .stderr(log);
        if let Some(failpoint) = &*recipe.failpoint.lock().expect("nobody panics with it") {
            command.env("COUNTERSIGN_FAILPOINT", failpoint);
        }
        let leash = Leash::tie("server")?;
        let mut child = leash.spawn(command).await.context("spawn the server")?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        let console = match timeout(PRINTS_WITHIN, addresses(&mut lines)).await {
            Ok(Ok(console)) => console,
            Ok(Err(error)) => return Err(error),
            Err(_) => bail!("the server printed no addresses within {PRINTS_WITHIN:?}"),
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { child, console, _leash: leash })
    }
}

/// Reads until both addresses were printed.
async fn addresses(lines: &mut Lines<BufReader<ChildStdout>>) -> anyhow::Result<SocketAddr> {
    let mut console = None;
    while let Some(line) = lines.next_line().await? {
        if let Some(url) = line.strip_prefix("Console: http://") {
            console = Some(url.parse().context("the console's address")?);
        } else if line.starts_with("Bus: ") {
            return console.context("the console's address comes first");
        }
    }
    bail!("the server ended before it stood")
}

impl Child for Server {
    const NAME: &'static str = "server";
    type Recipe = ServerRecipe;

    async fn start(recipe: &ServerRecipe) -> anyhow::Result<Self> {
        let deadline = Instant::now() + STARTS_WITHIN;
        loop {
            match Self::try_start(recipe).await {
                Ok(server) => return Ok(server),
                Err(error) if Instant::now() > deadline => {
                    return Err(error.context(format!("the end of its log:\n{}", tail(&recipe.log))));
                }
                Err(_) => {
                    recipe.failed_starts.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn stop(mut self) {
        if let Some(pid) = self.child.id() {
            let _ = process::send(pid, Signal::TERM);
        }
        if timeout(STOPS_WITHIN, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }

    fn pid(&self) -> Option<u32> {
        self.child.id().filter(|pid| !process::is_gone(*pid))
    }
}

/// The last lines of a log.
pub fn tail(log: &std::path::Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
