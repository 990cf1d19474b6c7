//! Ties a child's life to the server's.
//!
//! `setpriv --pdeathsig` asks the kernel to signal the child when its parent
//! goes, however it goes, `kill -9` included. The kernel means the parent
//! *thread* (prctl(2), `PR_SET_PDEATHSIG`), and an async runtime ends threads
//! as it likes, so each child has a thread of its own that starts it and then
//! only waits. The thread ends with the [`Leash`], so a supervisor that is
//! dropped without a clean stop takes its child along too.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc;

use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::Host;

struct Job {
    command: Command,
    runtime: Handle,
    reply: oneshot::Sender<io::Result<Child>>,
}

/// The thread that starts one child, again and again.
#[derive(Debug)]
pub struct Leash {
    jobs: mpsc::Sender<Job>,
}

impl Leash {
    /// Starts the thread; `name` names it.
    pub fn tie(name: &str) -> io::Result<Self> {
        let (jobs, work) = mpsc::channel::<Job>();
        std::thread::Builder::new().name(format!("leash-{name}")).spawn(move || {
            for Job { mut command, runtime, reply } in work {
                let _within = runtime.enter();
                // Nobody waits any more when the server stops meanwhile; the
                // child then goes with this thread.
                let _ = reply.send(command.spawn());
            }
        })?;
        Ok(Self { jobs })
    }

    /// Starts the child in the thread. The command is one that [`command`] made.
    pub async fn spawn(&self, command: Command) -> io::Result<Child> {
        let (reply, answer) = oneshot::channel();
        let runtime = Handle::current();
        let gone = || io::Error::other("the thread that starts children has ended");
        self.jobs.send(Job { command, runtime, reply }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// `setpriv` of util-linux when this machine has one that knows `--pdeathsig`
/// (Busybox's does not).
pub(super) fn setpriv(host: &Host) -> Option<PathBuf> {
    let setpriv = host.program("setpriv")?;
    let works = std::process::Command::new(&setpriv)
        .args(["--pdeathsig", "TERM"])
        .arg(&setpriv)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success());
    works.then_some(setpriv)
}

/// A command that runs `program`, which gets the signal `on_orphaned` (a name
/// such as `TERM`: setpriv knows no numbers) when its leash ends, in a process group of its own (so that Ctrl-C in the
/// terminal reaches the server alone) and with none of the server's
/// environment, which holds secrets.
pub fn command(host: &Host, program: &Path, on_orphaned: &str) -> Command {
    let mut command = if let Some(setpriv) = setpriv(host) {
        let mut command = Command::new(setpriv);
        command.arg("--pdeathsig").arg(on_orphaned).arg(program);
        command
    } else {
        let mut command = Command::new(program);
        command.kill_on_drop(true);
        command
    };
    command
        .env_clear()
        .env("PATH", &host.path)
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .process_group(0);
    command
}
