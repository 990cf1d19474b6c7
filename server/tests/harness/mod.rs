//! A real server for a test: the binary as a person starts it, with its own Postgres, nats-server and
//! data directory, gone when the test ends.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::disallowed_methods, reason = "tests publish as stock clients and read the clock")]

pub mod account;
pub mod api;
pub mod ask;
pub mod dump;
pub mod outside;
pub mod provider;
pub mod raw;
pub mod receiver;
pub mod routes;
pub mod smtp;
pub mod stock;
pub mod web;

use countersign_domain::{
    Actor, AgentName, How, Millis, ReviewId, TaskId, Via,
    reading::{AgentDetail, Connect, TaskDetail, TaskPage, TaskQuery, TaskRow},
    review::ReviewDecision,
    task::TaskState,
};
use countersign_server::{
    cli::Options,
    compose::{self, Databases},
    settings::{Process, Settings},
};
use countersign_service::{Client, Service, SetUp};
use sqlx::postgres::PgConnectOptions;
use std::{
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant, UNIX_EPOCH},
};
use tempfile::TempDir;

/// How long a condition may take to come true before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What a server prints when it stands.
#[derive(Debug, Clone)]
pub struct Addresses {
    pub console: String,
    pub bus: String,
    /// The token of the set-up link, at the first start.
    pub set_up: Option<String>,
}

/// A running `countersign serve`. Dropping it ends it and its children.
pub struct Server {
    pub child: Child,
    pub addresses: Addresses,
    pub dir: PathBuf,
    args: Vec<String>,
    temp_dir_guard: Option<TempDir>,
}

/// A folder that looks like a built console; these tests are about what lies behind it.
fn site(dir: &Path) -> PathBuf {
    let site = dir.join("site");
    std::fs::create_dir_all(&site).unwrap();
    let manifest = r#"{"js":"/pkg/a.js","wasm":"/pkg/a.wasm","css":"/pkg/a.css"}"#;
    std::fs::write(site.join("manifest.json"), manifest).unwrap();
    site
}

/// A fresh directory that the user of an embedded Postgres can reach.
pub fn temp_dir() -> TempDir {
    let temp = tempfile::tempdir().unwrap();
    std::fs::set_permissions(temp.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    temp
}

/// The binary under test with nothing of the developer's environment in it.
pub fn countersign() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    for (name, _) in std::env::vars() {
        if name.starts_with("COUNTERSIGN_") || name == "DATABASE_URL" || name == "NATS_URL" {
            command.env_remove(name);
        }
    }
    command.env("COUNTERSIGN_LOG", "info,sqlx=warn,async_nats=warn");
    command
}

impl Server {
    /// Starts with a fresh data directory.
    pub fn start(args: &[&str]) -> Self {
        let temp = temp_dir();
        let mut server = Self::start_in(temp.path(), args);
        server.temp_dir_guard = Some(temp);
        server
    }

    /// Starts for the first time, with `data` in a folder that outlives it.
    pub fn start_in(folder: &Path, args: &[&str]) -> Self {
        let args = args.iter().map(ToString::to_string).collect();
        Self::spawn(folder.join("data"), &site(folder), args, true).unwrap_or_else(|e| panic!("{e}"))
    }

    /// As [`Self::start_in`], on a database that somebody has set up.
    pub fn start_next(folder: &Path, args: &[&str]) -> Self {
        let args = args.iter().map(ToString::to_string).collect();
        Self::spawn(folder.join("data"), &site(folder), args, false).unwrap_or_else(|e| panic!("{e}"))
    }

    /// `first`: nobody has set it up, so it prints a set-up link.
    fn spawn(dir: PathBuf, site: &Path, args: Vec<String>, first: bool) -> Result<Self, String> {
        let mut command = countersign();
        command.arg("serve").args(&args).arg("--listen").arg("127.0.0.1:0");
        // While its bus is down, no other test's may take its port.
        command.arg("--nats-listen").arg(outside::own_host().to_string());
        command.arg("--data-dir").arg(&dir).arg("--site-dir").arg(site);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = dir.with_file_name("server.log");
        let mut stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
            let _ = std::io::copy(&mut stderr, &mut file);
        });
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut addresses = Addresses { console: String::new(), bus: String::new(), set_up: None };
        let deadline = Instant::now() + PATIENCE;
        // The set-up link is printed last.
        while addresses.bus.is_empty() || (first && addresses.set_up.is_none()) {
            let Ok(line) = lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) else {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("the server did not start: {}", log_of(&dir)));
            };
            if let Some(url) = line.strip_prefix("Console: ") {
                addresses.console = url.to_owned();
            } else if let Some(url) = line.strip_prefix("Bus: ") {
                addresses.bus = url.to_owned();
            } else if let Some(url) = line.strip_prefix("Set up: ") {
                addresses.set_up = url.rsplit('/').next().map(str::to_owned);
            }
        }
        if !addresses.console.starts_with("http://127.0.0.1") {
            // Its public address leads through a proxy that no test has.
            addresses.console = std::fs::read_to_string(dir.join("run/console-address")).unwrap();
        }
        Ok(Self { child, addresses, dir, args, temp_dir_guard: None })
    }

    /// Starts again on the same data after the process ended, however it did.
    pub fn start_again(&mut self) {
        let site = self.dir.with_file_name("site");
        let next = Self::spawn(self.dir.clone(), &site, self.args.clone(), false).unwrap_or_else(|e| panic!("{e}"));
        let temp = self.temp_dir_guard.take();
        *self = next;
        self.temp_dir_guard = temp;
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; answers whether the process ended well.
    pub fn stop(&mut self) -> bool {
        signal(self.child.id(), "TERM");
        self.child.wait().unwrap().success()
    }

    pub fn log(&self) -> String {
        log_of(&self.dir)
    }

    /// The process that a pid file in the data directory names.
    pub fn pid_in(&self, file: &str) -> u32 {
        let text = std::fs::read_to_string(self.dir.join(file)).unwrap();
        text.lines().next().unwrap().trim().parse().unwrap()
    }

    pub fn settings(&self) -> Settings {
        let options = Options { data_dir: Some(self.dir.clone()), ..Options::default() };
        Settings::resolve(options, &Process::here()).unwrap()
    }

    /// The database's owner.
    pub fn owner(&self) -> PgConnectOptions {
        if let Some(at) = self.args.iter().position(|arg| arg == "--database-url") {
            return self.args[at + 1].parse().unwrap();
        }
        let text = std::fs::read_to_string(self.dir.join("run/database-socket")).unwrap();
        let (socket, port) = text.trim().rsplit_once(':').unwrap();
        PgConnectOptions::new_without_pgpass()
            .socket(socket)
            .port(port.parse().unwrap())
            .username("countersign_owner")
            .database("countersign")
    }

    /// The use cases over this server's database, with a founder in it.
    pub async fn set_up(&self) -> Desk {
        Desk::open(self).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- log of the server ---\n{}", self.log());
        }
        if matches!(self.child.try_wait(), Ok(None)) {
            signal(self.child.id(), "TERM");
            let deadline = Instant::now() + PATIENCE;
            while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn log_of(dir: &Path) -> String {
    std::fs::read_to_string(dir.with_file_name("server.log")).unwrap_or_default()
}

pub fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status().unwrap();
    assert!(status.success(), "kill -{name} {pid}");
}

/// A founder's desk: what the console's pages call, called directly.
pub struct Desk {
    pub service: Service,
    pub founder: Actor,
    pub databases: Databases,
    pub bus_url: String,
}

impl Desk {
    async fn open(server: &Server) -> Self {
        let settings = server.settings();
        let databases = Databases::open(server.owner()).await.unwrap();
        let identity = compose::identity(&settings, &databases).await.unwrap();
        let (bus, _) = compose::bus(&settings, identity);
        let bus = bus.at(&server.addresses.bus);
        let connect = Connect { console_url: server.addresses.console.clone(), bus_url: server.addresses.bus.clone() };
        let service = compose::service(&settings, &databases, bus, connect).unwrap();
        if let Some(token) = &server.addresses.set_up {
            let form = SetUp {
                organization: "Acme".into(),
                email: "ada@example.com".into(),
                name: "Ada".into(),
                password: "correct horse battery".into(),
            };
            service.set_up(token, form, &Client::new("127.0.0.1", "")).await.unwrap();
        }
        let founder = service.first_founder().await.unwrap();
        Self { service, founder, databases, bus_url: server.addresses.bus.clone() }
    }

    /// The founder, who has just proven who they are.
    pub fn proven(&self) -> Actor {
        let at = Millis(i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap());
        Actor { proven_at: at, via: Via::new(How::Password, "127.0.0.1"), ..self.founder.clone() }
    }

    /// Approves what waits for a review.
    pub async fn approve(&self, review: ReviewId) {
        let proven = self.proven();
        let detail = self.service.read_review(&proven, review).await.unwrap();
        let wrong: Vec<_> =
            detail.probe.iter().flat_map(|probe| &probe.lines).filter(|line| !line.is_right()).collect();
        assert!(detail.is_ready(), "{:?} {wrong:?}", detail.checklist);
        let decision = ReviewDecision::Approved;
        self.service.decide_review(&proven, review, decision, &detail.row.sha256, "Fits its mission").await.unwrap();
    }

    /// Makes an agent by a small role file, approves that and issues a credential; answers when its queue exists.
    pub async fn agent(&self, name: &str, delegates: &str) -> stock::Agent {
        let (name, review) = self.service.create_agent(&self.founder, name, delegates).await.unwrap();
        self.approve(review).await;
        self.credential(name).await
    }

    /// As [`Desk::agent`], by a role file.
    pub async fn agent_of(&self, role: &str) -> stock::Agent {
        let review = self.service.propose_role(&self.founder, role).await.unwrap();
        self.approve(review).await;
        let name = self.service.read_review(&self.founder, review).await.unwrap().row.agent;
        self.credential(name.parse().unwrap()).await
    }

    async fn credential(&self, name: AgentName) -> stock::Agent {
        let issued = self.service.issue_credential(&self.founder, &name, 24).await.unwrap();
        let agent = stock::Agent::new(&self.bus_url, name, issued.creds);
        agent.queue_stands().await;
        agent
    }

    pub async fn tasks(&self, query: TaskQuery) -> TaskPage {
        self.service.search_tasks(&self.founder, &query).await.unwrap()
    }

    pub async fn task(&self, row: &TaskRow) -> TaskDetail {
        self.service.read_task(&self.founder, row.id.parse::<TaskId>().unwrap()).await.unwrap()
    }

    pub async fn agent_detail(&self, name: &str) -> AgentDetail {
        self.service.read_agent(&self.founder, &name.parse().unwrap()).await.unwrap()
    }

    /// Waits until as many tasks as wanted are in one of the states, and answers them.
    pub async fn await_tasks(&self, state: &[TaskState], count: u64) -> TaskPage {
        let query = TaskQuery { state: state.to_vec(), ..TaskQuery::default() };
        eventually(&format!("{count} tasks in {state:?}"), async || {
            let page = self.tasks(query.clone()).await;
            if page.count >= count { Ok(page) } else { Err(format!("{} so far", page.count)) }
        })
        .await
    }
}

/// Asks until the answer is `Ok`; fails the test with the last `Err` when patience ends.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(last) if Instant::now() > deadline => panic!("waited in vain for {what}: {last}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(30)).await,
        }
    }
}
