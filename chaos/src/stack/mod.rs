//! The three real processes and the links between them, in a temporary directory, gone at the end.
//!
//! ```text
//! server ──link── nats-server ──link── stock clients
//!    └────link── postgres
//! ```

mod bus;
mod database;
mod server;
mod unit;

pub use bus::Nats;
pub use database::Postgres;
pub use server::Server;
pub use unit::{Child, Killed, Unit};

use crate::{
    Context,
    desk::Desk,
    process,
    proxy::{Link, Upstream},
};
use anyhow::Context as _;
use bus::NatsRecipe;
use countersign_server::{
    cli::Options,
    compose::{self, Databases},
    embedded::{DataDir, EmbeddedOptions},
    settings::{Process, Settings},
};
use database::PostgresRecipe;
use futures::FutureExt;
use rustix::process::Signal;
use server::ServerRecipe;
use sqlx::postgres::PgConnectOptions;
use std::{
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    panic::AssertUnwindSafe,
    path::Path,
    sync::{Arc, Mutex, atomic::AtomicU32},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// What a scenario wants to stand.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Servers on the one database and the one bus.
    pub servers: usize,
    /// Seconds that a worker may be silent on a task.
    pub ack_wait: u64,
    /// `<name>:<nth>`, where the first server shall abort.
    pub failpoint: Option<String>,
    /// The servers reach the database and the bus as an installation does, past the links: to be timed, not
    /// to be cut off.
    pub direct: bool,
}

impl Default for Spec {
    fn default() -> Self {
        Self { servers: 1, ack_wait: 2, failpoint: None, direct: false }
    }
}

/// A server and its own links.
pub struct Replica {
    pub unit: Arc<Unit<Server>>,
    pub to_postgres: Arc<Link>,
    pub to_nats: Arc<Link>,
}

/// Everything that runs.
pub struct Stack {
    pub postgres: Arc<Unit<Postgres>>,
    pub nats: Arc<Unit<Nats>>,
    pub replicas: Vec<Replica>,
    /// Between the stock clients and the bus.
    pub clients: Arc<Link>,
    pub desk: Desk,
    temp: TempDir,
    keep: bool,
}

impl Stack {
    /// Starts everything, lets `body` work with it, and ends everything, however `body` ends.
    pub async fn with<T>(
        context: &Context,
        spec: Spec,
        body: impl AsyncFnOnce(&Self) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let interrupted = || anyhow::anyhow!("interrupted");
        let stack = tokio::select! {
            started = Self::start(context, spec) => started.context("the processes do not stand")?,
            () = context.stop.cancelled() => return Err(interrupted()),
        };
        let outcome = tokio::select! {
            outcome = AssertUnwindSafe(body(&stack)).catch_unwind() => outcome.unwrap_or_else(|panic| {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
                Err(anyhow::anyhow!("the harness panicked: {}", text.unwrap_or_default()))
            }),
            () = context.stop.cancelled() => Err(interrupted()),
        };
        stack.shut_down().await;
        outcome
    }

    async fn start(context: &Context, spec: Spec) -> anyhow::Result<Self> {
        let temp = TempDir::with_prefix("countersign-chaos-").context("a temporary directory")?;
        // Root's Postgres runs as another user, who must get in.
        std::fs::set_permissions(temp.path(), std::fs::Permissions::from_mode(0o755))?;
        write_site(temp.path())?;
        let host = Process::here().host;
        let data = temp.path().join("data");
        let dir = DataDir::open(&data)?;
        let options = EmbeddedOptions::new(&data, host.clone());
        let postgres = Arc::new(Unit::new(PostgresRecipe { dir: dir.clone(), options: options.clone() }));
        postgres.start().await?;
        let owner = postgres.with(|postgres: &mut Postgres| postgres.owner()).await?;

        let secret_key_file = temp.path().join("secret.key");
        let own = Options {
            data_dir: Some(data.clone()),
            secret_key_file: Some(secret_key_file.clone()),
            ..Options::default()
        };
        let settings = Settings::resolve(own, &Process::here())?;
        let databases = Databases::open(owner.clone()).await?;
        let identity = compose::identity(&settings, &databases).await?;

        let clients = Arc::new(Link::open(None).await?);
        let mut links = vec![Arc::clone(&clients)];
        let mut own_links = Vec::new();
        for _ in 0..spec.servers {
            let to_postgres = Arc::new(Link::open(Some(socket_of(&owner)?)).await?);
            let to_nats = Arc::new(Link::open(None).await?);
            links.push(Arc::clone(&to_nats));
            own_links.push((to_postgres, to_nats));
        }
        let nats = Arc::new(Unit::new(NatsRecipe { dir, options, identity: identity.clone(), links }));
        nats.start().await?;
        let bus_address = nats.with(|nats: &mut Nats| nats.address()).await?;
        let mut replicas = Vec::new();
        for (number, (to_postgres, to_nats)) in own_links.into_iter().enumerate() {
            let database = if spec.direct {
                let dir = owner.get_socket().context("the embedded database listens on a socket")?;
                format!("localhost:{}/countersign?host={}&", owner.get_port(), dir.display())
            } else {
                format!("{}/countersign?", to_postgres.address())
            };
            let bus = if spec.direct { bus_address } else { to_nats.address() };
            let recipe = ServerRecipe {
                program: context.program.clone(),
                dir: temp.path().to_owned(),
                log: temp.path().join(format!("server-{number}.log")),
                database_url: format!("postgres://countersign_owner@{database}sslmode=disable"),
                bus_url: format!("nats://{bus}"),
                secret_key_file: secret_key_file.clone(),
                ack_wait: spec.ack_wait,
                failpoint: Mutex::new(spec.failpoint.clone().filter(|_| number == 0)),
                host: host.clone(),
                failed_starts: AtomicU32::new(0),
            };
            replicas.push(Replica { unit: Arc::new(Unit::new(recipe)), to_postgres, to_nats });
        }
        let bus_url = format!("nats://{}", clients.address());
        let (bus, _) = compose::bus(&settings, identity);
        let desk = Desk::open(&settings, databases, bus, bus_url).await?;
        for replica in &replicas {
            replica.unit.start().await?;
        }
        Ok(Self { postgres, nats, replicas, clients, desk, temp, keep: context.keep })
    }

    /// The first server.
    pub fn server(&self) -> &Replica {
        &self.replicas[0]
    }

    /// As the owner of the database, past every link.
    pub fn owner(&self) -> PgConnectOptions {
        self.desk.databases.owner.clone()
    }

    /// Stops the bus, throws away all that it kept, accounts and messages, and starts it.
    pub async fn wipe_bus(&self) -> anyhow::Result<()> {
        self.nats.stop().await;
        for kept in ["jetstream", "jwt"] {
            let dir = self.temp.path().join("data/nats").join(kept);
            std::fs::remove_dir_all(&dir)?;
            std::fs::DirBuilder::new().mode(0o700).create(&dir)?;
        }
        self.nats.start().await
    }

    /// Runs a command of the product on this database; answers what it said. Errors: it failed.
    pub async fn run(&self, command: &str) -> anyhow::Result<String> {
        let recipe = self.server().unit.recipe();
        let output = tokio::process::Command::new(&recipe.program)
            .arg(command)
            .arg("--data-dir")
            .arg(recipe.dir.join("none"))
            .env("DATABASE_URL", &recipe.database_url)
            .current_dir(&recipe.dir)
            .kill_on_drop(true)
            .output()
            .await?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        anyhow::ensure!(output.status.success(), "countersign {command}: {said}");
        Ok(said)
    }

    /// Where everything is kept.
    pub fn dir(&self) -> &Path {
        self.temp.path()
    }

    async fn shut_down(mut self) {
        self.desk.databases.close().await;
        for replica in &self.replicas {
            replica.unit.stop().await;
        }
        self.nats.stop().await;
        self.postgres.stop().await;
        leave_nothing_running(self.temp.path()).await;
        if self.keep {
            self.temp.disable_cleanup(true);
            println!("  kept: {}", self.temp.path().display());
        }
    }
}

/// A restart that was interrupted half-way may still be ending in the background.
async fn leave_nothing_running(dir: &Path) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let left = process::working_in(dir);
        if left.is_empty() {
            return;
        }
        if Instant::now() > deadline {
            // Nobody but our own processes works in a directory that we made a moment ago.
            for pid in left {
                let _ = process::send(pid, Signal::KILL);
            }
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn socket_of(owner: &PgConnectOptions) -> anyhow::Result<Upstream> {
    let dir = owner.get_socket().context("the embedded database listens on a socket")?;
    Ok(Upstream::Unix(dir.join(format!(".s.PGSQL.{}", owner.get_port()))))
}

/// A folder that looks like a built console: the harness asks for no page.
fn write_site(dir: &Path) -> anyhow::Result<()> {
    let site = dir.join("site");
    std::fs::create_dir_all(&site)?;
    let manifest = r#"{"js":"/pkg/a.js","wasm":"/pkg/a.wasm","css":"/pkg/a.css"}"#;
    Ok(std::fs::write(site.join("manifest.json"), manifest)?)
}
