//! Postgres as a child of the server.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection};
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::timeout;

use super::binaries::PostgresBinaries;
use super::child::{Charge, ChildStatus, Supervised};
use super::cluster::{self, OWNER};
use super::leftovers::{self, Ladder, Mark};
use super::log_file::LogFile;
use super::run_as::RunAs;
use super::{DataDir, EmbeddedError, EmbeddedOptions, Host, leash, socket_dir};

/// The port names the socket's file; nothing listens on TCP.
const PORT: u16 = 5432;
const DATABASE: &str = "countersign";
const PROGRAM: Mark<'_> = Mark::Name("postgres");

/// Settings of the child: private, durable, and small (43 MiB with the connections
/// of one idle server; buffers are taken as they are used).
const SETTINGS: [&str; 22] = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=60",
    "shared_buffers=128MB",
    "maintenance_work_mem=32MB",
    "max_worker_processes=4",
    "max_parallel_workers=2",
    "max_parallel_workers_per_gather=1",
    "autovacuum_max_workers=2",
    // Compiling a query costs more memory and time than these queries take.
    "jit=off",
    "fsync=on",
    "full_page_writes=on",
    // After each checkpoint whole pages go to the log: half as much to write and sync.
    "wal_compression=on",
    "synchronous_commit=on",
    // Enough for pg_basebackup; small enough to recover in seconds.
    "wal_level=replica",
    "max_wal_senders=2",
    "min_wal_size=64MB",
    "max_wal_size=512MB",
    // One sync of the file system after a crash, not one of each of a thousand
    // files: 0.5 s instead of 4 s on a busy disk.
    "recovery_init_sync_method=syncfs",
    "logging_collector=off",
    "log_timezone=UTC",
    "timezone=UTC",
];

/// Fast shutdown (sessions end, a checkpoint is written), then immediate
/// shutdown (recovery at the next start).
const POSTMASTER: Ladder = &[(Signal::INT, Duration::from_secs(15)), (Signal::QUIT, Duration::from_secs(5))];
/// A process whose postmaster is dead has nothing left to finish.
const BACKEND: Ladder = &[(Signal::QUIT, Duration::from_secs(3))];

/// A running Postgres that is started again when it dies.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    child: Supervised,
    options: PgConnectOptions,
}

impl EmbeddedPostgres {
    /// Creates the database at the first start and returns when it answers.
    pub async fn start(dir: &DataDir, options: &EmbeddedOptions) -> Result<Self, EmbeddedError> {
        let run_as = RunAs::choose(&dir.postgres())?;
        let sockets = socket_dir::choose(dir, &options.host)?;
        if let Some(user) = &run_as {
            let ways = [dir.path(), sockets.parent().unwrap_or(&sockets)];
            if let Some(barrier) = ways.iter().find_map(|way| user.barrier(way)) {
                return Err(EmbeddedError::NotTraversable { user: user.name.clone(), barrier });
            }
        }
        let binaries = PostgresBinaries::find(options, &dir.postgres())?;
        cluster::ensure(dir, &options.host, &binaries, run_as.as_ref()).await?;

        let log = LogFile::new(dir.path().join("postgres.log"));
        let log_path = log.path().to_owned();
        let connect = connect_options(&sockets);
        let charge = PostgresCharge {
            dir: dir.clone(),
            cluster: dir.postgres(),
            host: options.host.clone(),
            postgres: binaries.postgres(),
            connect: connect.clone().database("postgres"),
            sockets,
            run_as,
            log,
        };
        let child = Supervised::start(charge).await?;
        if let Err(source) = ensure_database(&connect).await {
            child.stop().await;
            return Err(EmbeddedError::Database { log: log_path, source });
        }
        Ok(Self { child, options: connect })
    }

    /// How to connect as the owner to the database `countersign`.
    pub fn connect_options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    pub fn status(&self) -> watch::Receiver<ChildStatus> {
        self.child.status()
    }

    /// Stops Postgres and waits until it is gone. Sessions are cut: end the
    /// work that needs them first.
    pub async fn stop(self) {
        self.child.stop().await;
    }
}

fn connect_options(sockets: &Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(sockets)
        .port(PORT)
        .username(OWNER)
        .database(DATABASE)
        .ssl_mode(PgSslMode::Disable)
        .application_name("countersign")
}

async fn ensure_database(connect: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut session = connect.clone().database("postgres").connect().await?;
    let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(DATABASE)
        .fetch_one(&mut session)
        .await?;
    if !there {
        sqlx::query("create database countersign").execute(&mut session).await?;
    }
    session.close().await
}

#[derive(Debug)]
struct PostgresCharge {
    dir: DataDir,
    cluster: PathBuf,
    host: Host,
    postgres: PathBuf,
    connect: PgConnectOptions,
    sockets: PathBuf,
    run_as: Option<RunAs>,
    log: LogFile,
}

impl Charge for PostgresCharge {
    const NAME: &'static str = "postgres";
    const STOP: Ladder = POSTMASTER;

    async fn prepare(&self) -> Result<Command, EmbeddedError> {
        stop_leftovers(&self.cluster).await?;
        remove_misleading_pid_file(&self.cluster)?;
        socket_dir::ensure(&self.sockets, self.run_as.as_ref())?;
        // On the orphan's signal it shuts down fast and cleanly.
        let mut command = leash::command(&self.host, &self.postgres, "INT");
        command.arg("-D").arg(&self.cluster).current_dir(&self.cluster);
        command.arg("-p").arg(PORT.to_string()).arg("-k").arg(&self.sockets);
        for setting in SETTINGS {
            command.arg("-c").arg(setting);
        }
        if let Some(user) = &self.run_as {
            user.apply(&mut command);
        }
        self.log.take(&mut command)?;
        Ok(command)
    }

    async fn ready(&self) -> Result<(), String> {
        // While it recovers, each attempt to connect would cost a line of its log.
        if !announces_ready(&self.cluster) {
            return Err("it is still starting or recovering".to_owned());
        }
        let connected = timeout(Duration::from_secs(5), self.connect.connect()).await;
        let session = connected.map_err(|_| "no answer".to_owned())?.map_err(|error| error.to_string())?;
        // The answer has been given; a failure to part says nothing.
        let _ = session.close().await;
        Ok(())
    }

    async fn tidy(&self) -> Result<(), EmbeddedError> {
        stop_leftovers(&self.cluster).await?;
        if !self.sockets.starts_with(self.dir.path()) {
            let _ = std::fs::remove_dir(&self.sockets);
        }
        Ok(())
    }

    fn log(&self) -> &LogFile {
        &self.log
    }

    fn user(&self) -> &str {
        self.run_as.as_ref().map_or("of this server", |user| &user.name)
    }
}

/// Stops the postmaster of this database, if there is one, and then what is
/// left: after `kill -9` of a postmaster a busy session goes on until its query
/// ends, and no new postmaster starts while it does.
async fn stop_leftovers(cluster: &Path) -> Result<(), EmbeddedError> {
    let postmaster = recorded_pid(cluster);
    let running = leftovers::working_in(cluster, PROGRAM);
    if let Some(postmaster) = running.into_iter().find(|process| Some(process.pid) == postmaster) {
        postmaster.stop(POSTMASTER, cluster).await?;
    }
    leftovers::stop_all(leftovers::working_in(cluster, PROGRAM), BACKEND, cluster).await
}

/// The eighth line of the pid file is the postmaster's state; `pg_ctl start`
/// waits for it too (`LOCK_FILE_LINE_PM_STATUS`).
fn announces_ready(cluster: &Path) -> bool {
    let file = std::fs::read_to_string(cluster.join("postmaster.pid")).unwrap_or_default();
    file.lines().nth(7).is_some_and(|state| state.trim() == "ready")
}

fn recorded_pid(cluster: &Path) -> Option<i32> {
    std::fs::read_to_string(cluster.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
}

/// Postgres does not start when its old pid file names any living process of
/// the same user, which in a container, where numbers are small and recur, may
/// well be nats-server. The file is removed only when that process, whom we
/// can see, is no Postgres in this directory (those have been stopped).
fn remove_misleading_pid_file(cluster: &Path) -> Result<(), EmbeddedError> {
    let names_another = recorded_pid(cluster).is_some_and(|pid| Path::new(&format!("/proc/{pid}")).exists());
    if names_another {
        let file = cluster.join("postmaster.pid");
        std::fs::remove_file(&file).map_err(EmbeddedError::io("remove", &file))?;
    }
    Ok(())
}
