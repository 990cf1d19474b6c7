//! Children that an earlier server left behind, or that outlived their parent.
//!
//! A process counts as ours when its working directory *is* ours (the same
//! inode, so neither a namesake in another container nor a copy is meant) and
//! it is the expected program. It is held by a pidfd from before that check
//! on, so a signal can never reach another process that got its number.

use std::fs::Metadata;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::EmbeddedError;

/// Signals in the order in which they are tried, and how long each may take.
pub(super) type Ladder = &'static [(Signal, Duration)];

/// How long the kernel may take to end a process after `SIGKILL`.
const AFTER_KILL: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Leftover {
    pub(super) pid: i32,
    handle: OwnedFd,
}

/// By what a program of ours is known among those in its directory (somebody's
/// shell may be there as well).
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark<'a> {
    /// The kernel's name for it: Postgres's processes rewrite their arguments.
    Name(&'a str),
    /// One of its arguments: a nats-server's file may have any name.
    Argument(&'a Path),
}

/// The processes known by `by` whose working directory is `dir`.
pub(super) fn working_in(dir: &Path, by: Mark<'_>) -> Vec<Leftover> {
    let (Ok(dir), Ok(processes)) = (std::fs::metadata(dir), std::fs::read_dir("/proc")) else {
        return Vec::new();
    };
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| hold(pid, &dir, by))
        .collect()
}

fn hold(pid: i32, dir: &Metadata, by: Mark<'_>) -> Option<Leftover> {
    // Cheap first look, so that not every process of the machine gets a pidfd.
    works_in(pid, dir, by).then_some(())?;
    let handle = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
    works_in(pid, dir, by).then_some(Leftover { pid, handle })
}

fn works_in(pid: i32, dir: &Metadata, by: Mark<'_>) -> bool {
    let Ok(cwd) = std::fs::metadata(format!("/proc/{pid}/cwd")) else { return false };
    (cwd.dev(), cwd.ino()) == (dir.dev(), dir.ino())
        && match by {
            Mark::Name(name) => {
                std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim_end() == name)
            }
            Mark::Argument(argument) => std::fs::read(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|line| line.split(|byte| *byte == 0).any(|one| one == argument.as_os_str().as_bytes())),
        }
}

impl Leftover {
    /// Goes down the ladder, at last to `SIGKILL`, until the process has ended.
    /// It is nobody's child here, so its end is seen through the pidfd.
    pub(super) async fn stop(self, ladder: Ladder, dir: &Path) -> Result<(), EmbeddedError> {
        let stuck = EmbeddedError::Leftover { pid: self.pid, path: dir.to_owned() };
        let stopped = tokio::task::spawn_blocking(move || self.stop_blocking(ladder)).await;
        if stopped.unwrap_or(false) { Ok(()) } else { Err(stuck) }
    }

    fn stop_blocking(&self, ladder: Ladder) -> bool {
        ladder.iter().copied().chain([(Signal::KILL, AFTER_KILL)]).any(|(signal, patience)| {
            tracing::info!(pid = self.pid, ?signal, "stopping a process that an earlier server left behind");
            match pidfd_send_signal(&self.handle, signal) {
                Ok(()) => self.ends_within(patience),
                Err(error) => error == Errno::SRCH,
            }
        })
    }

    fn ends_within(&self, patience: Duration) -> bool {
        let patience = Timespec::try_from(patience).ok();
        // Turns readable when the process ends (pidfd_open(2)).
        let mut ended = [PollFd::new(&self.handle, PollFlags::IN)];
        retry_on_intr(|| poll(&mut ended, patience.as_ref())).is_ok_and(|ready| ready > 0)
    }
}

/// Stops all of them at once.
pub(super) async fn stop_all(leftovers: Vec<Leftover>, ladder: Ladder, dir: &Path) -> Result<(), EmbeddedError> {
    let stopping = leftovers.into_iter().map(|leftover| leftover.stop(ladder, dir));
    futures::future::try_join_all(stopping).await.map(drop)
}
