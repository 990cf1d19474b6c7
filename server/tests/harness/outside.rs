//! A Postgres and a nats-server of the customer's own: started by the test, handed to Countersign.

use super::{Server, countersign, eventually, signal, temp_dir};
use sqlx::{ConnectOptions, Connection, Executor, postgres::PgConnectOptions};
use std::{
    net::{Ipv4Addr, TcpListener},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Instant,
};
use tempfile::TempDir;

/// Both, and the folder in which the Countersign beside them keeps its key.
pub struct Outside {
    pub postgres: OutsidePostgres,
    pub nats: OutsideNats,
    temp: TempDir,
}

impl Outside {
    /// In the order that deploy/compose.yaml prescribes: database, `nats-config`, bus.
    pub async fn start() -> Self {
        let temp = temp_dir();
        let postgres = OutsidePostgres::start().await;
        let nats = OutsideNats::start(&postgres.url, &temp.path().join("data")).await;
        Self { postgres, nats, temp }
    }

    /// Another `countersign serve` beside the first, on the same two and with the same key.
    pub fn serve_beside(&self) -> Server {
        self.serve_beside_over(&self.nats.url)
    }

    /// The same, with another way to the bus.
    pub fn serve_beside_over(&self, nats_url: &str) -> Server {
        let key = self.temp.path().join("data/secret.key");
        let folder = self.temp.path().join("beside");
        std::fs::create_dir_all(&folder).unwrap();
        let args = ["--database-url", &self.postgres.url, "--nats-url", nats_url];
        let key = ["--secret-key-file", key.to_str().unwrap()];
        Server::start_next(&folder, &[args.as_slice(), &key].concat())
    }

    /// `countersign serve` on the two, with more arguments. One at a time.
    pub fn serve(&self, more: &[&str]) -> Server {
        self.serve_over(&self.nats.url, more)
    }

    /// The same, with another way to the bus.
    pub fn serve_over(&self, nats_url: &str, more: &[&str]) -> Server {
        let mut args = vec!["--database-url", &self.postgres.url, "--nats-url", nats_url];
        args.extend(more);
        Server::start_in(self.temp.path(), &args)
    }
}

/// A Postgres that listens on TCP and asks for a password.
pub struct OutsidePostgres {
    /// For `DATABASE_URL`: the owner of the database, who may create roles and is no superuser.
    pub url: String,
    pub child: Child,
    start: Box<dyn Fn() -> Child + Send + Sync>,
    _temp: TempDir,
}

impl OutsidePostgres {
    pub async fn start() -> Self {
        let temp = temp_dir();
        let (host, port) = free_address();
        let (programs, user) = (postgres_programs(), service_user());
        if let Some((uid, gid)) = user {
            chown(temp.path(), Some(uid), Some(gid)).unwrap();
        }
        let (cluster, words) = (temp.path().join("cluster"), temp.path().join("password"));
        std::fs::write(&words, "super").unwrap();
        let mut initdb = of_user(&programs.join("initdb"), user);
        initdb.args(["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        let made = initdb.arg("--pwfile").arg(&words).arg("--pgdata").arg(&cluster).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

        let log = temp.path().join("postgres.log");
        let start = move || {
            let mut postgres = of_user(&programs.join("postgres"), user);
            postgres.arg("-D").arg(&cluster).args(["-c", "unix_socket_directories=", "-c", "max_connections=60"]);
            postgres.arg("-c").arg(format!("listen_addresses={host}")).arg("-c").arg(format!("port={port}"));
            logged(&mut postgres, &log).spawn().unwrap()
        };
        let postgres = Self {
            url: format!("postgres://countersign:secret@{host}:{port}/countersign"),
            child: start(),
            start: Box::new(start),
            _temp: temp,
        };
        let superuser = PgConnectOptions::new_without_pgpass().host(&host.to_string()).port(port);
        let superuser = superuser.username("postgres").password("super").database("postgres");
        let mut session =
            eventually("the outside Postgres", async || superuser.connect().await.map_err(|e| e.to_string())).await;
        session.execute("create role countersign login createrole password 'secret'").await.unwrap();
        session.execute("create database countersign owner countersign").await.unwrap();
        session.close().await.unwrap();
        postgres
    }

    /// `kill -9` of the postmaster.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same data, at the same address.
    pub fn start_again(&mut self) {
        self.child = (self.start)();
    }
}

impl Drop for OutsidePostgres {
    fn drop(&mut self) {
        // Fast shutdown: sessions are cut, so it does not wait for a server that still runs.
        end(&mut self.child, "INT");
    }
}

/// A nats-server with the configuration that `countersign nats-config` writes.
pub struct OutsideNats {
    /// For `NATS_URL`.
    pub url: String,
    pub child: Child,
    start: Box<dyn Fn() -> Child + Send + Sync>,
    _temp: TempDir,
}

impl OutsideNats {
    /// Lets Countersign write the configuration, and starts a nats-server with it.
    pub async fn start(database_url: &str, data_dir: &Path) -> Self {
        let temp = temp_dir();
        let (host, port) = free_address();
        let file = temp.path().join("nats.conf");
        let mut config = countersign();
        config.arg("nats-config").arg("--out").arg(&file);
        config.arg("--host").arg(host.to_string()).arg("--port").arg(port.to_string());
        config.arg("--store-dir").arg(temp.path().join("jetstream")).arg("--jwt-dir").arg(temp.path().join("jwt"));
        config.arg("--database-url").arg(database_url).arg("--data-dir").arg(data_dir);
        let written = config.output().unwrap();
        assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));

        let log = temp.path().join("nats.log");
        let start = move || {
            let mut nats = Command::new(nats_server());
            logged(nats.arg("--config").arg(&file), &log).spawn().unwrap()
        };
        let nats = Self { url: format!("nats://{host}:{port}"), child: start(), start: Box::new(start), _temp: temp };
        nats.answers().await;
        nats
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same data, at the same address.
    pub async fn start_again(&mut self) {
        self.child = (self.start)();
        self.answers().await;
    }

    async fn answers(&self) {
        let address = self.url.trim_start_matches("nats://");
        eventually("the outside nats-server", async || {
            tokio::net::TcpStream::connect(address).await.map(drop).map_err(|e| e.to_string())
        })
        .await;
    }
}

impl Drop for OutsideNats {
    fn drop(&mut self) {
        end(&mut self.child, "TERM");
    }
}

/// A port on a loopback address that no other test process uses, so that nobody takes the port
/// between this look and the start.
fn free_address() -> (Ipv4Addr, u16) {
    let host = own_host();
    let port = TcpListener::bind((host, 0)).unwrap().local_addr().unwrap().port();
    (host, port)
}

/// A loopback address of this process alone: every test is one.
pub fn own_host() -> Ipv4Addr {
    // A process number has 22 bits: 7, 8 and 7 of them, and the last part is neither 0 nor 255.
    let part = |shift: u32, mask: u32| u8::try_from((std::process::id() >> shift) & mask).unwrap_or_default();
    Ipv4Addr::new(127, 128 | part(15, 0x7f), part(7, 0xff), 1 + part(0, 0x7f))
}

/// Where Debian has the programs of the newest Postgres, or where the `PATH` has them.
fn postgres_programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |dir: &PathBuf| dir.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let newest = versions.map(|entry| entry.path()).filter(|dir| number(dir).is_some()).max_by_key(number);
    newest.map(|dir| dir.join("bin")).or_else(|| Some(on_path("initdb")?.parent()?.to_owned())).expect("a Postgres")
}

fn nats_server() -> PathBuf {
    let cached = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/countersign/bin/nats-server"));
    on_path("nats-server").or(cached).expect("a nats-server")
}

fn on_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// Whom Postgres runs as, since it refuses root.
fn service_user() -> Option<(u32, u32)> {
    let id = |args: &[&str]| {
        let output = Command::new("id").args(args).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().parse::<u32>().ok()
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    ["postgres", "nobody"].iter().find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)))
}

fn of_user(program: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

fn logged<'a>(command: &'a mut Command, file: &Path) -> &'a mut Command {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log)
}

/// Asks a process to end, and makes it when it does not.
fn end(child: &mut Child, how: &str) {
    if !matches!(child.try_wait(), Ok(None)) {
        return;
    }
    signal(child.id(), how);
    let deadline = Instant::now() + super::PATIENCE;
    while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let _ = child.kill();
    let _ = child.wait();
}
