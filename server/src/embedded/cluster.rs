//! Creates the database directory ("cluster" in Postgres's words), once.

use std::path::Path;
use std::process::Stdio;

use super::binaries::PostgresBinaries;
use super::data_dir::{DataDir, private_dir};
use super::leash::{self, Leash};
use super::leftovers::{self, Ladder, Mark};
use super::log_file::last_lines;
use super::run_as::RunAs;
use super::{EmbeddedError, Host};

/// The superuser of the embedded database. Only the private socket reaches it,
/// so it has no password.
pub(super) const OWNER: &str = "countersign_owner";

/// What a killed `initdb` leaves is thrown away, so nothing needs to end well.
const JUST_KILL: Ladder = &[];

/// Runs `initdb` unless there is a database. It works in `postgres.new`, which
/// gets its name when it is complete: a kill in the middle leaves only a
/// directory that the next start throws away.
pub(super) async fn ensure(
    dir: &DataDir,
    host: &Host,
    binaries: &PostgresBinaries,
    run_as: Option<&RunAs>,
) -> Result<(), EmbeddedError> {
    let cluster = dir.postgres();
    if cluster.exists() {
        return Ok(());
    }
    let unfinished = dir.path().join("postgres.new");
    if unfinished.exists() {
        let interrupted = leftovers::working_in(&unfinished, Mark::Name("postgres"));
        leftovers::stop_all(interrupted, JUST_KILL, &unfinished).await?;
        std::fs::remove_dir_all(&unfinished).map_err(EmbeddedError::io("remove", &unfinished))?;
    }
    private_dir(&unfinished, 0o700)?;
    if let Some(user) = run_as {
        user.own(&unfinished)?;
    }
    tracing::info!(path = %cluster.display(), postgres = binaries.major, "creating the database");
    initdb(&unfinished, host, binaries, run_as).await?;
    std::fs::rename(&unfinished, &cluster).map_err(EmbeddedError::io("rename", &unfinished))?;
    // The new name must be on the disk before anything relies on it.
    let parent = std::fs::File::open(dir.path()).and_then(|parent| parent.sync_all());
    parent.map_err(EmbeddedError::io("sync", dir.path()))
}

async fn initdb(
    into: &Path,
    host: &Host,
    binaries: &PostgresBinaries,
    run_as: Option<&RunAs>,
) -> Result<(), EmbeddedError> {
    let mut command = leash::command(host, &binaries.initdb(), "KILL");
    command
        .arg("--pgdata")
        .arg(into)
        .args(["--username", OWNER, "--encoding=UTF8", "--locale=C", "--data-checksums"])
        // Who reaches the socket, which lies in a private directory, is the
        // owner; nothing listens on TCP, and if that changed by hand, nobody
        // should get in without a password.
        .args(["--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"])
        .current_dir("/")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(user) = run_as {
        user.apply(&mut command);
    }
    let spawned = async {
        let leash = Leash::tie("initdb")?;
        let child = leash.spawn(command).await?;
        let output = child.wait_with_output().await;
        drop(leash);
        output
    };
    let output = spawned.await.map_err(|source| EmbeddedError::Spawn {
        program: binaries.initdb().display().to_string(),
        user: run_as.map_or("of this server", |user| &user.name).to_owned(),
        source,
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = last_lines(&format!(
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ));
    Err(EmbeddedError::Initdb { path: into.to_owned(), status: output.status, said })
}
