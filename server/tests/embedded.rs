//! The embedded children under real faults: a real Postgres and a real
//! nats-server in a directory of their own, killed in every way we know.
//! Works as root and as an ordinary user; needs a nats-server on the `PATH` or
//! in `~/.cache/countersign/bin`.
#![allow(clippy::disallowed_methods, reason = "tests are their own composition root: they read the environment")]

use std::future::Future;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use countersign_server::embedded::{
    ChildStatus, DataDir, EmbeddedError, EmbeddedNats, EmbeddedOptions, EmbeddedPostgres, FindingState, Host,
    NatsPaths, findings,
};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

/// Tells the test binary that it is to be the server that gets killed.
const OWNER_DIR: &str = "COUNTERSIGN_TEST_OWNER_DIR";
const NONE: [i32; 0] = [];
const PRIVATE: &str = "select current_setting('listen_addresses') = '' and current_setting('data_checksums') = 'on'";

#[tokio::test]
async fn both_children_start_answer_and_stop_without_a_trace() {
    let place = Place::new("both");
    let (dir, options) = place.open();
    let postgres = EmbeddedPostgres::start(&dir, &options).await.expect("postgres");
    let nats = EmbeddedNats::start(&dir, &options, nats_config).await.expect("nats");

    execute(&postgres.connect_options(), "create table kept (n int)").await;
    assert!(nats_answers(nats.port()).await);
    assert!(asked(&postgres.connect_options(), PRIVATE).await);
    let statuses = [postgres.status().borrow().clone(), nats.status().borrow().clone()];
    assert!(statuses.iter().all(ChildStatus::is_ready), "{statuses:?}");
    let mode = |path: &str| std::fs::metadata(place.root.join(path)).expect(path).permissions().mode() & 0o777;
    for (path, wanted) in [("postgres", 0o700), ("nats", 0o700), ("nats/nats.conf", 0o600), ("COUNTERSIGN", 0o600)] {
        assert_eq!(mode(path), wanted, "{path}");
    }
    assert_eq!(mode(".") & 0o066, 0);

    let watched = postgres.status();
    nats.stop().await;
    postgres.stop().await;
    assert_eq!(*watched.borrow(), ChildStatus::Stopped);
    assert_eq!(place.processes(), NONE);
}

#[tokio::test]
async fn a_second_start_finds_the_data_of_the_first_even_past_a_misleading_pid_file() {
    let place = Place::new("second");
    let (dir, options) = place.open();
    let postgres = EmbeddedPostgres::start(&dir, &options).await.expect("first");
    execute(&postgres.connect_options(), "create table kept (n int)").await;
    postgres.stop().await;
    drop(dir);

    // As after a crash in a container, where another process has the number now.
    let misleading = format!("{}\n{}\n", std::process::id(), place.root.join("postgres").display());
    std::fs::write(place.root.join("postgres/postmaster.pid"), misleading).expect("pid file");
    let (dir, options) = place.open();
    let postgres = EmbeddedPostgres::start(&dir, &options).await.expect("second");
    execute(&postgres.connect_options(), "insert into kept values (1)").await;
    postgres.stop().await;
}

#[tokio::test]
async fn postgres_answers_again_after_its_postmaster_or_a_session_was_killed() {
    let place = Place::new("postmaster");
    let (dir, options) = place.open();
    let postgres = EmbeddedPostgres::start(&dir, &options).await.expect("postgres");
    let connect = postgres.connect_options();

    // A session that is busy with something does not notice that its postmaster died.
    let mut busy = connect.connect().await.expect("session");
    let work = tokio::spawn(async move { sqlx::query("do $$ begin loop end loop; end $$").execute(&mut busy).await });
    eventually("the busy session works", || is_busy(&connect)).await;
    kill(ready_pid(&postgres.status().borrow()));
    assert!(work.await.expect("task").is_err());
    eventually("postgres answers after its postmaster was killed", || answers(&connect)).await;

    let mut session = connect.connect().await.expect("session");
    let backend: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut session).await.expect("pid");
    kill(backend);
    eventually("postgres answers after a session was killed", || answers(&connect)).await;
    postgres.stop().await;
    assert_eq!(place.processes(), NONE);
}

#[tokio::test]
async fn nats_answers_again_on_the_same_port_after_it_was_killed() {
    let place = Place::new("nats");
    let (dir, options) = place.open();
    let nats = EmbeddedNats::start(&dir, &options, nats_config).await.expect("nats");
    let mut status = nats.status();
    for _ in 0..2 {
        let pid = ready_pid(&status.borrow_and_update());
        kill(pid);
        status.wait_for(|now| !now.is_ready()).await.expect("seen to die");
        status.wait_for(ChildStatus::is_ready).await.expect("back");
        assert_ne!(ready_pid(&status.borrow()), pid);
        assert!(nats_answers(nats.port()).await);
    }
    nats.stop().await;
    assert_eq!(place.processes(), NONE);
}

#[tokio::test]
async fn the_port_is_kept_and_a_taken_one_is_left_for_another_until_it_is_free() {
    let place = Place::new("port");
    let (dir, mut options) = place.open();
    let squatter = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = squatter.local_addr().expect("bound").port();
    std::fs::write(place.root.join("ports.json"), format!(r#"{{"nats":[{taken}]}}"#)).expect("ports.json");

    let nats = EmbeddedNats::start(&dir, &options, nats_config).await.expect("nats");
    let other = nats.port();
    assert_ne!(other, taken);
    assert_eq!(nats.moved_from(), Some(taken));
    assert!(nats_answers(other).await);
    nats.stop().await;

    drop(squatter);
    let nats = EmbeddedNats::start(&dir, &options, nats_config).await.expect("nats");
    assert_eq!((nats.port(), nats.moved_from()), (taken, None));
    nats.stop().await;

    let squatter = TcpListener::bind("127.0.0.1:0").expect("a port");
    let asked = squatter.local_addr().expect("bound").port();
    options.nats_port = Some(asked);
    let refused = EmbeddedNats::start(&dir, &options, nats_config).await.expect_err("taken");
    assert!(matches!(refused, EmbeddedError::PortTaken { port, .. } if port == asked), "{refused}");
}

#[tokio::test]
async fn a_configuration_that_nats_refuses_is_reported_with_its_own_words() {
    let place = Place::new("words");
    let (dir, options) = place.open();
    let refused = EmbeddedNats::start(&dir, &options, |_: &NatsPaths| "jetstream: [".to_owned());
    let text = refused.await.expect_err("nonsense").to_string();
    assert!(text.contains("nats.log") && text.contains("Parse error"), "{text}");
    eventually("nothing runs", || async { place.processes().is_empty() }).await;
}

#[test]
fn a_second_opener_of_the_data_directory_is_told_who_has_it() {
    let place = Place::new("opener");
    let first = DataDir::open(&place.root).expect("first");
    let refused = DataDir::open(&place.root).expect_err("second").to_string();
    assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
    drop(first);
    DataDir::open(&place.root).expect("free again");
}

#[test]
fn a_directory_of_somebody_else_is_refused_and_left_alone() {
    let place = Place::new("foreign");
    std::fs::create_dir(&place.root).expect("directory");
    std::fs::write(place.root.join("thesis.tex"), "years of work").expect("file");
    let refused = DataDir::open(&place.root).expect_err("foreign");
    assert!(matches!(refused, EmbeddedError::Foreign { .. }), "{refused}");
    assert_eq!(std::fs::read_dir(&place.root).expect("listed").count(), 1);
}

#[test]
fn a_directory_of_another_format_is_refused() {
    let place = Place::new("format");
    std::fs::create_dir(&place.root).expect("directory");
    std::fs::write(place.root.join("COUNTERSIGN"), "Countersign data directory, format 9\n").expect("marker");
    let refused = DataDir::open(&place.root).expect_err("format").to_string();
    assert!(refused.contains("format 9"), "{refused}");
}

#[tokio::test]
async fn a_database_of_another_postgres_is_refused_with_a_way_out() {
    let place = Place::new("major");
    let (dir, options) = place.open();
    std::fs::create_dir(place.root.join("postgres")).expect("directory");
    std::fs::write(place.root.join("postgres/PG_VERSION"), "9\n").expect("version");
    let refused = EmbeddedPostgres::start(&dir, &options).await.expect_err("old").to_string();
    assert!(refused.contains("made by Postgres 9") && refused.contains("--postgres-bin-dir"), "{refused}");
}

#[tokio::test]
async fn an_initdb_that_was_killed_midway_is_begun_anew() {
    let place = Place::new("midway");
    let (dir, options) = place.open();
    std::fs::create_dir_all(place.root.join("postgres.new/base")).expect("directory");
    std::fs::write(place.root.join("postgres.new/PG_VERSION"), "15\n").expect("version");
    let postgres = EmbeddedPostgres::start(&dir, &options).await.expect("postgres");
    postgres.stop().await;
    assert!(!place.root.join("postgres.new").exists());
}

#[tokio::test]
async fn a_start_that_is_given_up_leaves_no_process_and_does_not_hinder_the_next() {
    let place = Place::new("given-up");
    for patience in [20, 100, 300, 800, 1_000] {
        let (dir, options) = place.open();
        let start = EmbeddedPostgres::start(&dir, &options);
        let _ = tokio::time::timeout(Duration::from_millis(patience), start).await;
        drop(dir);
        eventually("nothing runs", || async { place.processes().is_empty() }).await;
    }
    let (dir, options) = place.open();
    let postgres = EmbeddedPostgres::start(&dir, &options).await.expect("postgres");
    postgres.stop().await;
}

#[tokio::test]
async fn a_data_directory_with_a_long_path_works() {
    let place = Place::new(&"long".repeat(25));
    let (dir, options) = place.open();
    let postgres = EmbeddedPostgres::start(&dir, &options).await.expect("postgres");
    let socket = postgres.connect_options().get_socket().cloned().expect("a socket");
    assert!(!socket.starts_with(&place.root) && socket.exists(), "{}", socket.display());
    postgres.stop().await;
    assert!(!socket.exists());
}

#[test]
fn the_doctor_names_what_is_missing_or_too_old_and_how_to_mend_it() {
    let place = Place::new("doctor");
    let mut options = place.options();
    let all = findings(&options);
    assert!(all.iter().all(|finding| finding.state == FindingState::Ok), "{all:#?}");
    assert!(!place.root.exists(), "the doctor changed something");

    let old = place.outer.join("nats-server");
    // Written by another process: a test that forks beside this one would hold
    // the file open for writing, and then it could not be run.
    let script = r#"printf '#!/bin/sh\necho nats-server: v2.9.10\n' > "$0" && chmod +x "$0""#;
    let written = Command::new("sh").arg("-c").arg(script).arg(&old).status().expect("sh");
    assert!(written.success());
    options.nats_server = Some(old);
    options.postgres_bin_dir = Some("/nowhere".into());
    let all = findings(&options);
    let of = |what: &str| all.iter().find(|finding| finding.what == what).expect("looked at");
    assert_eq!(of("Postgres").state, FindingState::Missing);
    assert_eq!(of("nats-server").state, FindingState::TooOld);
    assert!(of("nats-server").found.contains("2.9.10") && of("nats-server").mend.is_some());
}

#[tokio::test]
async fn a_killed_server_leaves_no_child_and_the_next_one_finds_its_data() {
    let place = Place::new("killed");
    let mut owner = place.owner(&host().path);
    kill(owner.id());
    owner.wait().expect("reaped");
    eventually("the children are gone", || async { place.processes().is_empty() }).await;
    place.restart_after_the_owner().await;
}

#[tokio::test]
async fn children_that_were_left_behind_are_stopped_by_the_next_server() {
    let place = Place::new("behind");
    // Without setpriv on the PATH nothing takes the children along.
    let programs = place.outer.join("programs");
    std::fs::create_dir(&programs).expect("directory");
    let nats_server = nats_server().expect("a nats-server is needed");
    symlink(nats_server, programs.join("nats-server")).expect("link");
    let mut owner = place.owner(programs.as_os_str());
    kill(owner.id());
    owner.wait().expect("reaped");
    assert!(place.processes().len() >= 2, "{:?}", place.processes());
    place.restart_after_the_owner().await;
}

/// Not a test: the server that the two tests above kill.
#[tokio::test]
#[ignore = "started by other tests"]
async fn owner() {
    let Some(root) = std::env::var_os(OWNER_DIR) else { return };
    let options = EmbeddedOptions::new(root, host());
    let dir = open(&options);
    let postgres = EmbeddedPostgres::start(&dir, &options).await.expect("postgres");
    let nats = EmbeddedNats::start(&dir, &options, nats_config).await.expect("nats");
    execute(&postgres.connect_options(), "create table kept as select 42 as n").await;
    println!("\nport {}", nats.port());
    std::io::stdout().flush().expect("told");
    std::future::pending::<()>().await;
}

/// A directory of its own for one test; nothing in it survives the test.
struct Place {
    outer: PathBuf,
    root: PathBuf,
}

impl Place {
    fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let unique = format!("cs-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let outer = std::env::temp_dir().join(unique);
        std::fs::create_dir(&outer).expect("a directory for the test");
        let root = outer.join(name);
        Self { outer, root }
    }

    fn options(&self) -> EmbeddedOptions {
        EmbeddedOptions::new(&self.root, host())
    }

    fn open(&self) -> (DataDir, EmbeddedOptions) {
        let options = self.options();
        (open(&options), options)
    }

    /// Another process that runs both children; returns when they answer.
    fn owner(&self, path: &std::ffi::OsStr) -> std::process::Child {
        let mut owner = Command::new(std::env::current_exe().expect("this test binary"))
            .args(["owner", "--exact", "--ignored", "--nocapture"])
            .env(OWNER_DIR, &self.root)
            .env("PATH", path)
            .stdout(Stdio::piped())
            .spawn()
            .expect("an owner");
        let lines = BufReader::new(owner.stdout.take().expect("piped")).lines();
        let told = lines.map_while(Result::ok).any(|line| line.starts_with("port "));
        assert!(told, "the owner did not start its children");
        owner
    }

    async fn restart_after_the_owner(&self) {
        let (dir, options) = self.open();
        let postgres = EmbeddedPostgres::start(&dir, &options).await.expect("postgres");
        let nats = EmbeddedNats::start(&dir, &options, nats_config).await.expect("nats");
        assert_eq!(nats.moved_from(), None);
        execute(&postgres.connect_options(), "insert into kept values (43)").await;
        assert!(nats_answers(nats.port()).await);
        nats.stop().await;
        postgres.stop().await;
        assert_eq!(self.processes(), NONE);
    }

    /// The processes that work in this place.
    fn processes(&self) -> Vec<i32> {
        let all = std::fs::read_dir("/proc").expect("procfs");
        all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(|pid| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(&self.outer)))
            .collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A failed test may have left some; they are in our directory.
        self.processes().into_iter().for_each(kill);
        let _ = std::fs::remove_dir_all(&self.outer);
    }
}

/// Opens the data directory and has it remember a port of its own: with the
/// usual ones, tests that run at the same time take each other's port whenever
/// one of them has killed its server.
fn open(options: &EmbeddedOptions) -> DataDir {
    let dir = DataDir::open(&options.data_dir).expect("data directory");
    let ports = dir.path().join("ports.json");
    if !ports.exists() {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        std::fs::write(ports, format!(r#"{{"nats":[{port}]}}"#)).expect("ports.json");
    }
    dir
}

fn host() -> Host {
    Host {
        path: std::env::var_os("PATH").unwrap_or_default(),
        home: std::env::var_os("HOME").map(PathBuf::from),
        temp_dir: std::env::temp_dir(),
    }
}

fn nats_server() -> Option<PathBuf> {
    let host = host();
    let cached = host.home.map(|home| home.join(".cache/countersign/bin"));
    std::env::split_paths(&host.path).chain(cached).map(|dir| dir.join("nats-server")).find(|file| file.exists())
}

fn nats_config(paths: &NatsPaths) -> String {
    let NatsPaths { host, port, store_dir, .. } = paths;
    format!(
        "listen: \"{host}:{port}\"\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n",
        store_dir.display()
    )
}

fn ready_pid(status: &ChildStatus) -> u32 {
    let ChildStatus::Ready { pid } = status else { panic!("not ready: {status:?}") };
    *pid
}

fn kill<P: TryInto<i32>>(pid: P) {
    let pid = pid.try_into().ok().and_then(Pid::from_raw).expect("a process id");
    let _ = kill_process(pid, Signal::KILL);
}

async fn execute(connect: &PgConnectOptions, statement: &'static str) {
    let mut session: PgConnection = connect.connect().await.expect("a session");
    sqlx::query(statement).execute(&mut session).await.expect(statement);
}

async fn answers(connect: &PgConnectOptions) -> bool {
    connect.connect().await.is_ok()
}

async fn is_busy(connect: &PgConnectOptions) -> bool {
    const BUSY: &str = "select exists (select from pg_stat_activity where state = 'active' and query like 'do %')";
    asked(connect, BUSY).await
}

async fn asked(connect: &PgConnectOptions, question: &'static str) -> bool {
    let mut session = connect.connect().await.expect("a session");
    sqlx::query_scalar(question).fetch_one(&mut session).await.expect(question)
}

/// Greets, and has a ping answered.
async fn nats_answers(port: u16) -> bool {
    let Ok(stream) = tokio::net::TcpStream::connect(("127.0.0.1", port)).await else { return false };
    let mut stream = tokio::io::BufReader::new(stream);
    let mut greeting = String::new();
    stream.read_line(&mut greeting).await.expect("greeting");
    stream.write_all(b"CONNECT {\"verbose\":false}\r\nPING\r\n").await.expect("sent");
    let mut pong = [0; 6];
    stream.read_exact(&mut pong).await.expect("answer");
    greeting.starts_with("INFO {") && pong == *b"PONG\r\n"
}

/// Asks until it is so, for ten seconds at most.
async fn eventually<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let begin = Instant::now();
    while !is_so().await {
        assert!(begin.elapsed() < Duration::from_secs(10), "not within 10 s: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
