//! What can go wrong with the children, in sentences for whoever runs the server.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

/// Why the embedded services could not be started or kept. Each text says
/// what is wrong and how to mend it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    #[error(
        "{path} is not a Countersign data directory and is not empty. Choose an empty or a new directory with --data-dir, or move its content away."
    )]
    Foreign { path: PathBuf },

    #[error(
        "The data directory {path} was written by another version of Countersign ({found}). Run that version, or choose another directory with --data-dir."
    )]
    Format { path: PathBuf, found: String },

    #[error(
        "The data directory {path} is in use by another Countersign server{}. Stop that one first, or choose another directory with --data-dir.",
        .pid.map_or(String::new(), |pid| format!(" (process {pid})"))
    )]
    InUse { path: PathBuf, pid: Option<u32> },

    #[error(
        "Postgres must not run as root, so it runs as the user {user}, who cannot enter {barrier}. Choose a data directory elsewhere with --data-dir (for example /var/lib/countersign), or allow it with: chmod o+x {barrier}"
    )]
    NotTraversable { user: String, barrier: PathBuf },

    #[error(
        "Postgres must not run as root, and this machine has neither a user `postgres` nor `nobody`. Run countersign as an ordinary user, or create one with: useradd --system postgres"
    )]
    NoServiceUser,

    #[error("{program} was not found (looked in {looked_in}). {mend}")]
    Missing { program: &'static str, looked_in: String, mend: String },

    #[error("No suitable {program} was found: {found}; needed is {needed}. {mend}")]
    TooOld { program: &'static str, found: String, needed: &'static str, mend: String },

    #[error(
        "The database in {path} was made by Postgres {cluster}, but the binaries found are of {binaries}. Install Postgres {cluster} and name its directory with --postgres-bin-dir (such as /usr/lib/postgresql/{cluster}/bin); to move to another version, dump with the old one and restore into a new data directory."
    )]
    OtherMajor { path: PathBuf, cluster: String, binaries: String },

    #[error(
        "Port {port} on {host}, which the configuration asks for, is taken. Stop what listens there, or choose another NATS port."
    )]
    PortTaken { host: String, port: u16 },

    #[error(
        "No free port for NATS was found on {host}. Name one in the configuration, and check that the address belongs to this machine."
    )]
    NoFreePort { host: String },

    #[error("Could not start {program}: {source}. Check that the file exists and that the user {user} may run it.")]
    Spawn { program: String, user: String, source: io::Error },

    #[error("{name} ended at once ({status}). {}", last_words(.log, .said))]
    Exited { name: &'static str, status: ExitStatus, log: PathBuf, said: String },

    #[error("{name} did not answer within {} s ({why}). {}", .within.as_secs(), last_words(.log, .said))]
    NotReady { name: &'static str, within: Duration, why: String, log: PathBuf, said: String },

    #[error("initdb could not create the database in {path} ({status}). It said: {said}")]
    Initdb { path: PathBuf, status: ExitStatus, said: String },

    #[error("Process {pid}, which an earlier server left running in {path}, does not stop. End it with: kill -9 {pid}")]
    Leftover { pid: i32, path: PathBuf },

    #[error("Postgres runs but refuses to work: {source}. Its log is {log}.")]
    Database { log: PathBuf, source: sqlx::Error },

    #[error("Could not {action} {path}: {source}. {}", hint(.source))]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

impl EmbeddedError {
    /// For `map_err` on a file system call.
    pub(super) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { action, path, source }
    }
}

fn last_words(log: &Path, said: &str) -> String {
    if said.is_empty() {
        format!("It wrote nothing to its log {}.", log.display())
    } else {
        format!("The last lines of its log {} are:\n{said}", log.display())
    }
}

fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => {
            "Check who owns it: the data directory must belong to the user who runs countersign."
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "The disk is full: make room.",
        io::ErrorKind::ReadOnlyFilesystem => "The file system is read-only: choose another data directory.",
        _ => "Check the data directory and its disk.",
    }
}
