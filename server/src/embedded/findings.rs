//! What this machine has and lacks for the embedded services: the part of
//! `countersign doctor` that is about them. Starts nothing, changes nothing.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Access, access, statvfs};

use super::binaries::{NatsBinary, PostgresBinaries};
use super::ports::{Ports, is_free};
use super::run_as::RunAs;
use super::{EmbeddedError, EmbeddedOptions, data_dir, leash};

const ENOUGH_BYTES: u64 = 1 << 30;

/// How a thing was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingState {
    Ok,
    Missing,
    TooOld,
    Wrong,
}

/// One line of the doctor's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The thing looked at, such as `nats-server`.
    pub what: &'static str,
    pub state: FindingState,
    /// What was found, in a sentence or a value.
    pub found: String,
    /// What to do about it, when something should be done.
    pub mend: Option<String>,
}

impl Finding {
    fn ok(what: &'static str, found: String) -> Self {
        Self { what, state: FindingState::Ok, found, mend: None }
    }

    fn wrong(what: &'static str, found: String, mend: &str) -> Self {
        Self { what, state: FindingState::Wrong, found, mend: Some(mend.to_owned()) }
    }

    /// The texts of the errors say both what is and what to do.
    fn failed(what: &'static str, error: EmbeddedError) -> Self {
        let (state, found, mend) = match error {
            EmbeddedError::Missing { looked_in, mend, .. } => {
                (FindingState::Missing, format!("not found in {looked_in}"), Some(mend))
            }
            EmbeddedError::TooOld { found, needed, mend, .. } => {
                (FindingState::TooOld, format!("{found}; needed is {needed}"), Some(mend))
            }
            other => (FindingState::Wrong, other.to_string(), None),
        };
        Self { what, state, found, mend }
    }
}

/// Looks at everything, whatever the outcome of the single looks.
pub fn findings(options: &EmbeddedOptions) -> Vec<Finding> {
    let root = options.data_dir.canonicalize().unwrap_or_else(|_| options.data_dir.clone());
    vec![
        postgres(options, &root),
        postgres_user(&root),
        nats_server(options),
        setpriv(options),
        data_directory(&root),
        free_space(&root),
        nats_port(options, &root),
    ]
}

fn postgres(options: &EmbeddedOptions, root: &Path) -> Finding {
    match PostgresBinaries::find(options, &root.join("postgres")) {
        Ok(found) => Finding::ok("Postgres", format!("{} in {}", found.major, found.dir.display())),
        Err(error) => Finding::failed("Postgres", error),
    }
}

fn postgres_user(root: &Path) -> Finding {
    const WHAT: &str = "Postgres user";
    match RunAs::choose(&root.join("postgres")) {
        Err(error) => Finding::failed(WHAT, error),
        Ok(None) => Finding::ok(WHAT, "the one who runs countersign".to_owned()),
        Ok(Some(user)) => match user.barrier(root) {
            None => Finding::ok(WHAT, user.name),
            // Our own directory is opened to that user at the start.
            Some(barrier) if barrier == root => Finding::ok(WHAT, user.name),
            Some(barrier) => Finding::failed(WHAT, EmbeddedError::NotTraversable { user: user.name, barrier }),
        },
    }
}

fn nats_server(options: &EmbeddedOptions) -> Finding {
    match NatsBinary::find(options) {
        Ok(found) => {
            let [a, b, c] = found.version;
            Finding::ok("nats-server", format!("{a}.{b}.{c} at {}", found.file.display()))
        }
        Err(error) => Finding::failed("nats-server", error),
    }
}

fn setpriv(options: &EmbeddedOptions) -> Finding {
    match leash::setpriv(&options.host) {
        Some(file) => Finding::ok("setpriv", file.display().to_string()),
        None => Finding {
            what: "setpriv",
            state: FindingState::Missing,
            found: "none that knows --pdeathsig: when the server is killed, its children run on until the next start"
                .to_owned(),
            mend: Some("Install util-linux.".to_owned()),
        },
    }
}

fn data_directory(root: &Path) -> Finding {
    const WHAT: &str = "data directory";
    const CHOOSE: &str = "Choose another directory with --data-dir, or give it to the user who runs countersign.";
    let nearest = nearest_existing(root);
    if access(nearest, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return Finding::wrong(WHAT, format!("{} is not writable", nearest.display()), CHOOSE);
    }
    if nearest != root {
        return Finding::ok(WHAT, format!("{} will be created", root.display()));
    }
    match data_dir::refuse_foreign(root) {
        Ok(()) => Finding::ok(WHAT, root.display().to_string()),
        Err(error) => Finding::failed(WHAT, error),
    }
}

fn free_space(root: &Path) -> Finding {
    const WHAT: &str = "free disk space";
    let nearest = nearest_existing(root);
    match statvfs(nearest) {
        Err(error) => Finding::wrong(WHAT, format!("unknown: {error}"), "Check the disk of the data directory."),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let found = format!("{} MiB at {}", free >> 20, nearest.display());
            if free >= ENOUGH_BYTES {
                Finding::ok(WHAT, found)
            } else {
                Finding::wrong(WHAT, found, "Make room: 1 GiB is the least.")
            }
        }
    }
}

/// A port that our own running server holds counts as fine.
fn nats_port(options: &EmbeddedOptions, root: &Path) -> Finding {
    const WHAT: &str = "NATS port";
    let host = options.nats_listen;
    let wanted = options.nats_port.or_else(|| Ports::read(root).first());
    match wanted {
        Some(port) if is_free(host, port) => Finding::ok(WHAT, format!("{port} on {host} is free")),
        Some(port) if served_by_us(root) => Finding::ok(WHAT, format!("{port} on {host}, in use by this server")),
        Some(port) => Finding::wrong(
            WHAT,
            format!("{port} on {host} is taken by another program"),
            "Stop what listens there; otherwise agents must be told another address.",
        ),
        None if Ports::default().candidates().any(|port| is_free(host, port)) => {
            Finding::ok(WHAT, format!("a free one on {host} will be chosen"))
        }
        None => Finding::failed(WHAT, EmbeddedError::NoFreePort { host: host.to_string() }),
    }
}

fn served_by_us(root: &Path) -> bool {
    let nats = root.join("nats");
    let pid = std::fs::read_to_string(nats.join("nats.pid")).unwrap_or_default();
    let cwd = std::fs::metadata(format!("/proc/{}/cwd", pid.trim()));
    let same = |(a, b): (std::fs::Metadata, std::fs::Metadata)| (a.dev(), a.ino()) == (b.dev(), b.ino());
    cwd.ok().zip(std::fs::metadata(&nats).ok()).is_some_and(same)
}

fn nearest_existing(path: &Path) -> &Path {
    path.ancestors().find(|dir| dir.exists()).unwrap_or(path)
}
